import type { Rule } from '@angular-devkit/schematics';
import pluralize from 'pluralize';
import { compiling } from './compiling.js';
import { targetsIn } from './feature.js';
import { requireFree } from './field.js';
import { type Field, fieldOf } from './fields.js';
import { filesOf } from './files.js';
import { type Feature, requireDistinct } from './model.js';
import { nameOf } from './names.js';
import { recordedFeature, recordOf } from './record.js';
import { Refusal } from './refusal.js';
import { type Statement, statementsIn, subjectOf } from './statements.js';
import { migrationText } from './templates/migration.js';
import { filesUnder, put, timestampOf } from './tree.js';

/** What a field is renamed with. */
export interface RenameOptions {
  /** The feature that has it. */
  name: string;
  /** `rating=stars` */
  rename: string;
  /** Of the migration, in milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/** Gives a field another name, in the code, the tests and the table. @throws Refusal before anything is written. */
export function rename(options: RenameOptions): Rule {
  return compiling(renameField(options));
}

/** The same without compiling it. */
export function renameField({ name, rename: given, timestamp }: RenameOptions): Rule {
  return async (tree) => {
    const [, before = '', after = ''] = /^(\w+)=(\w+)$/.exec(given) ?? [];
    if (after === '' || before === after) throw new Refusal(`--rename ${given}: say it as old=new, like rating=stars.`);
    const generated = recordedFeature(tree, name);
    const feature = { ...generated, fields: targetsIn(tree, generated) };
    const field = feature.fields.find((one) => one.name.camel === before);
    if (!field) {
      const known = feature.fields.map((one) => one.name.camel).join(', ');
      throw new Refusal(`src/${name}/ has no field ${before}, but ${known}: say it as it was given to the generator.`);
    }
    const renamedField = { ...fieldOf(`${after}:text`), ...field, name: nameOf(after) };
    requireDistinct(feature.fields.map((one) => (one === field ? renamedField : one)));
    requireFree(tree, { ...feature, fields: [renamedField] });
    const names = namesOfRename(feature, field, renamedField);
    const files = [
      ...filesUnder(tree, `src/${name}`),
      `test/${name}.test.ts`,
      `test/support/features/${name}.ts`,
    ].filter((path) => tree.exists(path));
    for (const path of files) await put(tree, path, renamed(tree.readText(path), names));
    const time = timestampOf(tree, timestamp);
    const migration = nameOf(`${nameOf(before).kebab}-to-${nameOf(after).kebab}-of-${name}`);
    const { up, down } = statementsOfRename(statementsIn(tree), feature, names);
    const record = recordOf('field', name, { rename: given });
    await put(
      tree,
      `src/migrations/${String(time)}-${migration.kebab}.ts`,
      migrationText(`${migration.pascal}${String(time)}`, up, down, record),
    );
  };
}

/** A word as code and SQL have it, with hyphens in texts. */
const WORD = /[A-Za-z_][\w-]*/g;

/** What each word becomes that the generator makes of a field's name: its texts for both names differ in those alone. */
function namesOfRename(feature: Feature, before: Field, after: Field): Map<string, string> {
  const names = new Map<string, string>();
  const [old, young] = [before, after].map((field) => [...filesOf({ ...feature, fields: [field] }).values()]);
  for (const [index, text] of (old ?? []).entries()) {
    const [from, to] = [text, young?.[index] ?? ''].map((one) => one.match(WORD) ?? []);
    // a sentence with a name of more words is none of the code’s
    if (from?.length !== to?.length) continue;
    for (const [at, word] of (from ?? []).entries()) {
      const other = to?.[at] ?? word;
      if (word !== other && isNamed(word, before.name.camel)) names.set(word, other);
    }
  }
  return names;
}

/** Whether a word has the field's name in it, and is not only an example made of it. */
function isNamed(word: string, field: string): boolean {
  const [plain, given] = [word, field].map((one) => one.replaceAll(/[_-]/g, '').toLowerCase());
  return (plain ?? '').includes(given ?? '') || (plain ?? '').includes(pluralize.singular(given ?? ''));
}

const renamed = (text: string, names: ReadonlyMap<string, string>): string =>
  text.replaceAll(WORD, (word) => names.get(word) ?? word);

/** The statements that rename columns, constraints, indexes and triggers where they are, and those that rename them back. */
function statementsOfRename(
  statements: readonly Statement[],
  feature: Feature,
  names: ReadonlyMap<string, string>,
): Record<'up' | 'down', string[]> {
  const table = feature.name.snake;
  const links = [...names.keys()].filter((name) =>
    statements.some(({ text }) => new RegExp(`^CREATE TABLE ${name}\\b`).test(text)),
  );
  const own = statements.filter(({ text }) => [table, ...links].includes(subjectOf(text) ?? ''));
  const changes: [up: string, down: string][] = [];
  const rename = (of: string, from: string, to = names.get(from)): void => {
    if (to === undefined) return;
    const turned = (one: string, other: string): string =>
      `${of} ${one} TO ${other}`
        .replace('ALTER INDEX RENAME ', `ALTER INDEX ${one} RENAME `)
        .replace(`RENAME ${one} TO`, 'RENAME TO');
    const up = turned(from, to);
    if (!changes.some(([known]) => known === up)) changes.push([up, turned(to, from)]);
  };
  for (const { text } of own) {
    const subject = subjectOf(text) ?? table;
    for (const [, column = ''] of text.matchAll(
      /(?:[(,]|ADD COLUMN)\s*(\w+) (?:text|integer|bigint|char|boolean|timestamptz|jsonb|uuid)/g,
    )) {
      rename(`ALTER TABLE ${subject} RENAME COLUMN`, column);
    }
    for (const [, constraint = ''] of text.matchAll(/CONSTRAINT (\w+)/g))
      rename(`ALTER TABLE ${subject} RENAME CONSTRAINT`, constraint);
    const [, index] = /^CREATE (?:UNIQUE )?INDEX (\w+)/.exec(text) ?? [];
    if (index !== undefined && names.has(index)) rename('ALTER INDEX RENAME', index);
    const [, trigger] = /^CREATE TRIGGER (\w+)/.exec(text) ?? [];
    if (trigger !== undefined && renamed(text, names) !== text) {
      const drop = (name: string): string => `DROP TRIGGER ${name} ON ${subject}`;
      changes.push([
        `${drop(trigger)};\n        ${renamed(text, names)}`,
        `${drop(names.get(trigger) ?? trigger)};\n        ${text}`,
      ]);
    }
  }
  for (const link of links) {
    const to = names.get(link) ?? link;
    changes.push([`ALTER TABLE ${link} RENAME TO ${to}`, `ALTER TABLE ${to} RENAME TO ${link}`]);
  }
  return { up: changes.map(([up]) => up), down: changes.map(([, down]) => down).reverse() };
}
