import { memberNamed, MEMBERS, plain } from './reader.columns.js';

/** Which column of a file is which member. */
export interface ColumnPair {
  source: string;
  member: string;
}

/** Reads `Title=name`; no member has a `=` in its name, so that the last one counts. @returns undefined when there is no such member. */
export function pairIn(text: string): ColumnPair | undefined {
  const [source, target] = partsOf(text);
  const member = target.toLowerCase() === 'currency' ? 'price.currency' : memberNamed(target);
  return source === '' || member === undefined ? undefined : { source, member };
}

/** What is wrong with a mapping, if something is. */
export function faultOfPairs(texts: readonly string[]): string | undefined {
  const sources = new Set<string>();
  const members = new Set<string>();
  for (const text of texts) {
    const [source, target] = partsOf(text);
    const pair = pairIn(text);
    if (source === '') return `${text} is not a column and a member, as Title=name is`;
    if (!pair) return `${target} is no member that a column can be: use ${MEMBERS.join(', ')} or attributes.<name>`;
    if (members.has(pair.member)) return `${pair.member} is mapped twice`;
    if (sources.has(plain(pair.source))) return `${pair.source} is mapped twice`;
    members.add(pair.member);
    sources.add(plain(pair.source));
  }
  return undefined;
}

function partsOf(text: string): [string, string] {
  const at = text.lastIndexOf('=');
  return at === -1 ? ['', text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
