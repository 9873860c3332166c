import type { Rule, Tree } from '@angular-devkit/schematics';
import { formatted } from './formatted.js';
import { migrationText } from './templates/migration.js';
import { nameOf } from './names.js';
import { Refusal } from './refusal.js';

/** What a migration is made of. */
export interface MigrationOptions {
  name: string;
  /** The statements that it runs, and those that undo them, each in their order. */
  up: string[];
  down: string[];
  /** In milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/** Writes a migration. @throws Refusal before anything is written. */
export function migration({ name, up, down, timestamp }: MigrationOptions): Rule {
  return async (tree) => {
    requireFreeName(tree, name);
    const time = String(timestamp ?? Date.now());
    const path = `src/migrations/${time}-${name}.ts`;
    const text = migrationText(`${nameOf(name).pascal}${time}`, up.map(inColumns), down.map(inColumns));
    tree.create(path, await formatted(path, text));
  };
}

/** @throws Refusal for what is no name of a migration. */
export function requireName(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 80) {
    throw new Refusal(
      `"${name}" is no name for a migration: small letters and digits, words joined by hyphens, like rating-of-offers.`,
    );
  }
}

/** @throws Refusal for what is no name of a migration, and for the name of one that is there. */
function requireFreeName(tree: Tree, name: string): void {
  requireName(name);
  const other = tree.getDir('src/migrations').subfiles.find((file) => new RegExp(`^\\d+-${name}\\.ts$`).test(file));
  if (other !== undefined) throw new Refusal(`src/migrations/${other} is called ${name} already: choose another name.`);
}

/** A statement that makes a table, a line a column; any other as it is. */
function inColumns(statement: string): string {
  const [, head, body] = /^(CREATE TABLE [^(]+\()([^]*)\)$/.exec(statement) ?? [];
  return head === undefined || body === undefined ? statement : `${head}\n  ${itemsOf(body).join(',\n  ')}\n)`;
}

/** What stands between the commas of a list in SQL that are not in parentheses or quotes. */
function itemsOf(list: string): string[] {
  const items = [''];
  let depth = 0;
  for (const [part] of list.matchAll(/'(?:[^']|'')*'|[(),]|[^'(),]+/g)) {
    if (part === '(') depth++;
    else if (part === ')') depth--;
    if (part === ',' && depth === 0) items.push('');
    else items.push(`${items.pop() ?? ''}${part}`);
  }
  return items.map((item) => item.trim());
}
