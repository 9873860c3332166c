import { Tokenizer } from 'htmlparser2';

/** What begins and ends a line. */
const BLOCKS = new Set(
  `address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav
  ol option p pre section table tbody tfoot thead tr ul`.split(/\s+/),
);
/** What stands beside the next one: there is a space between them. */
const CELLS = new Set(['td', 'th']);
/** What is not for readers. */
const HIDDEN = new Set(['iframe', 'noscript', 'object', 'script', 'style', 'svg', 'template', 'title']);

/** Whether a text has tags or entities of HTML: plain text may have `<` and `&`, too. */
export const isHtml = (text: string): boolean =>
  /<\/[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p)\b[^<>]*>|&(?:[a-z]{2,10}|#\d{1,7});/i.test(text);

const ignore = (): void => undefined;

/**
 * The text of HTML: each paragraph, list item, row and line of it on a line, without blank lines. It only cuts the HTML into tags
 * and texts, so that it takes a time linear in its length, however deep that is nested.
 */
export function textOfHtml(html: string): string {
  const parts: string[] = [];
  /** The element in which all is hidden. */
  let hidden: string | undefined;
  const at = (name: string): void => {
    if (BLOCKS.has(name)) parts.push('\n');
    else if (CELLS.has(name)) parts.push(' ');
  };
  const nameAt = (start: number, end: number): string => html.slice(start, end).toLowerCase();
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname: (start, end) => {
        const name = nameAt(start, end);
        if (HIDDEN.has(name)) hidden ??= name;
        at(name);
      },
      onclosetag: (start, end) => {
        const name = nameAt(start, end);
        if (name === hidden) hidden = undefined;
        at(name);
      },
      ontext: (start, end) => {
        if (hidden === undefined) parts.push(html.slice(start, end).replaceAll(/\s+/g, ' '));
      },
      ontextentity: (codePoint) => {
        if (hidden === undefined) parts.push(String.fromCodePoint(codePoint));
      },
      onattribdata: ignore,
      onattribend: ignore,
      onattribentity: ignore,
      onattribname: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return parts
    .join('')
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}
