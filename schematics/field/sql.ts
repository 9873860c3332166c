import ts from 'typescript';
import { nameOf } from '../names.js';
import { inLines } from '../templates/text.js';
import { type Edit, insertion, replacement } from './edits.js';
import type { Found, Sources } from './sources.js';

/** SQL in code: a text, or what `sql` and `raw` are called with. */
export type SqlText = ts.StringLiteralLike | ts.TemplateExpression;

export const isSqlText = (node: ts.Node): node is SqlText =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** The columns that a feature's queries select, and what they call the table. */
interface Columns extends Found<SqlText> {
  alias: string;
}

/** The text that selects most of the members of a row, at least half of them. */
export function findColumns(sources: Sources, folder: string, members: readonly string[]): Columns | undefined {
  const known = (text: string): number =>
    members.filter((name) => new RegExp(`\\.${nameOf(name).snake}\\b|\\bAS "?${name}\\b`).test(text)).length;
  const candidates = sources
    .find(folder, isSqlText)
    .map((found) => ({ ...found, alias: /\b(\w+)\.created_at\b/.exec(found.node.getText())?.[1] ?? '' }))
    .filter(({ node, alias }) => alias !== '' && node.getText().includes(`${alias}.id`))
    .map((found) => ({ ...found, known: known(found.node.getText()) }))
    .sort((a, b) => b.known - a.known);
  const [best] = candidates;
  return best && best.known * 2 >= members.length ? best : undefined;
}

/** SQL with all that is quoted, commented or put in replaced by as many `_`: its structure, place by place. */
export function structureOf(node: SqlText): string {
  const start = node.getStart();
  let text = node.getText();
  if (ts.isTemplateExpression(node)) {
    let at = node.head.getEnd() - 2;
    for (const span of node.templateSpans) {
      const [from, to] = [at - start, span.literal.getStart() + 1 - start];
      text = text.slice(0, from) + '_'.repeat(to - from) + text.slice(to);
      at = span.literal.getEnd() - 2;
    }
  }
  return ` ${blanked(text.slice(1, -1))} `;
}

/** SQL with all that is quoted or commented replaced by as many `_`. */
const blanked = (text: string): string =>
  text.replaceAll(/'(?:[^']|'')*'|--[^\n]*/g, (quoted) => '_'.repeat(quoted.length));

/** A statement that makes a table, a line a column; any other as it is. */
export function inColumns(statement: string): string {
  const structure = blanked(statement);
  const head = /^CREATE TABLE \S+ \(/.exec(structure)?.[0];
  if (head === undefined) return statement;
  const columns = itemsFrom(structure, head.length).map(({ start, end }) => statement.slice(start, end));
  return `${head}\n  ${columns.join(',\n  ')}\n)`;
}

/** Where a part of a text begins and ends. */
interface Place {
  start: number;
  end: number;
}

/** The places of what a list in SQL is made of, from a place to the end of the list. */
export function itemsFrom(structure: string, from: number): Place[] {
  const items: Place[] = [];
  let depth = 0;
  let start = from;
  let at = from;
  const close = (): void => {
    const item = structure.slice(start, at);
    const lead = item.length - item.trimStart().length;
    items.push({ start: start + lead, end: start + item.trimEnd().length });
  };
  for (; at < structure.length; at++) {
    const sign = structure.charAt(at);
    if (sign === '(') depth++;
    else if (sign === ')' && depth-- === 0) break;
    else if (depth === 0 && /^\sFROM\s/i.test(structure.slice(at, at + 6))) break;
    else if (depth === 0 && sign === ',') {
      close();
      start = at + 1;
    }
  }
  close();
  return items;
}

/** Has the columns select more, in front of the version where they have it. */
export function withColumns({ node, alias }: Columns, more: readonly string[]): Edit[] {
  const text = node.getText();
  const structure = structureOf(node);
  const begin = /^\s*SELECT\s/i.exec(structure)?.[0].length ?? 1;
  const places = itemsFrom(structure, begin);
  const items = places.map(({ start, end }) => text.slice(start, end));
  const at = items.findIndex((item) => item === `${alias}.version`);
  const place = places[at];
  if (text === `\`\n  ${inLines(items)}\``) {
    const all = items.toSpliced(at < 0 ? items.length : at, 0, ...more);
    return [replacement(node, `\`\n  ${inLines(all)}\``)];
  }
  const offset = place ? place.start : (places.at(-1)?.end ?? 1);
  const put = place ? `${more.join(', ')}, ` : `, ${more.join(', ')}`;
  if (ts.isStringLiteral(node)) {
    return [replacement(node, `\`${text.slice(1, offset)}${put}${text.slice(offset, -1)}\``)];
  }
  return [insertion(node.getStart() + offset, put)];
}

/** The places of the columns and of the values in an INSERT of a table; undefined when the text has none that lists both. */
function placesOfInsert(structure: string, table: string): Record<'columns' | 'values', Place[]> | undefined {
  const into = new RegExp(`INSERT INTO ${table}\\s*\\(`).exec(structure);
  if (!into) return undefined;
  const columns = itemsFrom(structure, into.index + into[0].length);
  const listed = columns.at(-1)?.end ?? 0;
  const given = /\b(VALUES\s*\(|SELECT\s)/.exec(structure.slice(listed));
  if (!given) return undefined;
  return { columns, values: itemsFrom(structure, listed + given.index + given[0].length) };
}

/** What an INSERT of a table writes. */
export function insertedBy(node: SqlText, table: string): Record<'columns' | 'values', string[]> | undefined {
  const text = node.getText();
  const places = placesOfInsert(structureOf(node), table);
  const read = ({ start, end }: Place): string => text.slice(start, end);
  return places && { columns: places.columns.map(read), values: places.values.map(read) };
}

/** Has an INSERT of a table write more columns. */
export function withInserted(
  node: SqlText,
  table: string,
  columns: readonly string[],
  values: readonly string[],
): Edit[] | undefined {
  const places = placesOfInsert(structureOf(node), table);
  const start = node.getStart();
  const behind = (list: Place[], more: readonly string[]): Edit =>
    insertion(start + (list.at(-1)?.end ?? 0), `, ${more.join(', ')}`);
  return places && [behind(places.columns, columns), behind(places.values, values)];
}
