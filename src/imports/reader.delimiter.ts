import { type Delimiter, DELIMITERS } from './reader.csv.js';
import type { ColumnNames } from './reader.mapping.js';

/** In how many lines of a file its header is looked for: titles and notes may stand above it. */
export const HEADER_LINES = 20;

/** What separates the fields of a file: what makes most columns of a line, or else what its first line has most of. */
export function delimiterOf(beginning: string, known: ColumnNames): Delimiter {
  const lines = beginning
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, HEADER_LINES);
  const named = best((delimiter) => Math.max(0, ...lines.map((line) => known.countIn(cellsOf(line, delimiter)))));
  // one cell is named alike by every delimiter
  if (named.score > 1) return named.delimiter;
  return best((delimiter) => cellsOf(lines[0] ?? '', delimiter).length).delimiter;
}

/** The delimiter with the highest score, of several the first. */
function best(scoreOf: (delimiter: Delimiter) => number): { delimiter: Delimiter; score: number } {
  return DELIMITERS.map((delimiter) => ({ delimiter, score: scoreOf(delimiter) })).reduce((found, other) =>
    other.score > found.score ? other : found,
  );
}

/** The cells of a line, roughly: a delimiter in quotes separates nothing. */
function cellsOf(line: string, delimiter: Delimiter): string[] {
  let quoted = false;
  let start = 0;
  const cells: string[] = [];
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    if (at < line.length && (quoted || line[at] !== delimiter)) continue;
    cells.push(
      line
        .slice(start, at)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
    start = at + 1;
  }
  return cells;
}
