import ts from 'typescript';
import type { Tree } from '@angular-devkit/schematics';
import { nodesBelow, parsed } from './syntax.js';
import { filesUnder } from './tree.js';

/** A statement of a migration. */
export interface Statement {
  path: string;
  /** Of the migration, in milliseconds since 1970. */
  time: number;
  text: string;
}

/** What the migrations do, one statement after the other. */
export const statementsIn = (tree: Tree): Statement[] =>
  filesUnder(tree, 'src/migrations').flatMap((path) =>
    nodesBelow(parsed(path, tree.readText(path)), ts.isMethodDeclaration)
      .filter(({ name }) => name.getText() === 'up')
      .flatMap((up) => nodesBelow(up, ts.isCallExpression))
      .filter(({ expression }) => expression.getText().endsWith('.query'))
      .flatMap(({ arguments: [text] }) => (text && isSqlText(text) ? [text] : []))
      .map((node) => ({
        path,
        time: Number(/\/(\d+)-[^/]+$/.exec(path)?.[1] ?? 0),
        text: (ts.isStringLiteralLike(node) ? node.text : node.getText().slice(1, -1)).trim(),
      })),
  );

/** SQL in code: a text, with or without something put into it. */
const isSqlText = (node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** The table that a statement makes, changes, or puts an index or a trigger on. */
export function subjectOf(text: string): string | undefined {
  const [, altered, on] =
    /^(?:CREATE TABLE|ALTER TABLE|UPDATE|INSERT INTO|DELETE FROM|DROP TABLE) (\w+)|^CREATE (?:UNIQUE )?(?:INDEX|TRIGGER) [^]*?\bON (\w+)/.exec(
      text,
    ) ?? [];
  return altered ?? on;
}

/** The tables that a statement makes references to. */
export const referencesTo = (text: string): string[] =>
  Array.from(text.matchAll(/\bREFERENCES (\w+)/g), ([, table = '']) => table);

/**
 * What a column `search` no longer finds: a migration that makes it again leaves out what an earlier one had. So it is
 * after a merge of two branches that each added a text to it.
 * @returns a line for each, in words.
 */
export function lostFromSearch(statements: readonly Statement[]): string[] {
  const searched = new Map<string, ReadonlySet<string>>();
  const isDropped = (table: string, column: string): boolean =>
    statements.some(({ text }) => subjectOf(text) === table && new RegExp(`DROP COLUMN ${column}\\b`).test(text));
  return statements.flatMap(({ path, text }) => {
    const [, expression] = /\bsearch tsvector\b[^(]*GENERATED ALWAYS AS \(([^]*?)\) STORED/.exec(text) ?? [];
    const table = subjectOf(text);
    if (expression === undefined || table === undefined) return [];
    const words = expression.replaceAll(/'[^']*'/g, '').matchAll(/\b[a-z_]\w*\b(?!\s*\()/g);
    const columns = new Set(Array.from(words, ([word]) => word));
    const lost = [...(searched.get(table) ?? [])].filter((column) => !columns.has(column) && !isDropped(table, column));
    searched.set(table, columns);
    return lost.map((column) => `${path}: ${table}.search has lost ${column}; make the column again with it`);
  });
}
