/** What a backslash takes its meaning from in the paths of categories. */
const ESCAPED = /\\([\\>|])/g;

/** Splits a text where a separator stands that has no backslash before it; the parts keep their backslashes. */
function splitAt(separator: '>' | '|', text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The paths in a cell, e.g. `Home & Garden > Lanterns | Gifts`; none in an empty one. */
export const pathsIn = (cell: string): string[] =>
  cell.trim() === '' ? [] : splitAt('|', cell).map((path) => path.trim());

/**
 * The names in a path such as `Home & Garden > Lanterns`, from the top down: trimmed, in Unicode's normal form C. In a name `\>`
 * is a `>`, `\|` a `|` and `\\` a backslash.
 */
export const namesIn = (path: string): string[] =>
  splitAt('>', path).map((name) => name.replace(ESCAPED, '$1').normalize('NFC').trim());

/** The path that {@link namesIn} reads as these names. */
export const pathOf = (names: readonly string[]): string =>
  names.map((name) => name.replace(/[>|]|\\(?=[\\>|]|$)/g, String.raw`\$&`)).join(' > ');
