import type { Rule, Tree } from '@angular-devkit/schematics';
import { withoutModule } from './app-module.js';
import { compiling } from './compiling.js';
import { formatted } from './formatted.js';
import { referencesTo, subjectOf, type Statement, statementsIn } from './statements.js';
import { migrationText } from './templates/migration.js';
import { filesUnder } from './tree.js';
import { nameOf } from './names.js';
import { Refusal } from './refusal.js';

/** What a feature is taken away with. */
export interface RemoveOptions {
  name: string;
  /** Of the migration, in milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/**
 * Takes a feature away: its folder, its tests, its lines in the table of contents and on the map; and writes the migration
 * that drops its tables, whose way back makes them again, empty. @throws Refusal before anything is changed.
 */
export function remove(options: RemoveOptions): Rule {
  return compiling(removeFeature(options));
}

/** The same without compiling what is left. */
export function removeFeature({ name: given, timestamp }: RemoveOptions): Rule {
  return async (tree) => {
    const name = nameOf(given);
    const folder = `src/${name.kebab}`;
    const own = filesUnder(tree, folder);
    const tables = own.flatMap((path) =>
      path.endsWith('.entity.ts')
        ? Array.from(tree.readText(path).matchAll(/@Entity\('(\w+)'\)/g), ([, table = '']) => table)
        : [],
    );
    if (!/^[a-z][a-z0-9-]*$/.test(given) || tables.length === 0) {
      throw new Refusal(
        `There is no feature ${folder}/ with entities: remove takes one that is there, called like its folder.`,
      );
    }
    const tests = [`test/${name.kebab}.test.ts`, `test/support/features/${name.kebab}.ts`].filter((path) =>
      tree.exists(path),
    );
    requireUnused(tree, name.kebab, [...own, ...tests]);
    const statements = statementsIn(tree);
    // its lists of references have tables of their own, which nothing but the migrations names
    const links = statements.flatMap(({ text }) => {
      const [, link = ''] = /^CREATE TABLE (\w+)/.exec(text) ?? [];
      return !tables.includes(link) &&
        referencesTo(text).some((table) => tables.includes(table)) &&
        isLink(text, tables[0] ?? '')
        ? [link]
        : [];
    });
    const all = [...tables, ...links];
    requireUnreferred(statements, tables, all);
    const made = statements.filter(({ text }) => all.includes(subjectOf(text) ?? ''));
    const time = String(timestamp ?? Math.max(Date.now(), ...statements.map(({ time: other }) => other + 1)));
    const path = `src/migrations/${time}-without-${name.kebab}.ts`;
    const drops = [...links, ...tables.toReversed()].map((table) => `DROP TABLE ${table}`);
    const text = migrationText(
      `Without${name.pascal}${time}`,
      drops,
      made.map((statement) => statement.text),
    );
    tree.create(path, await formatted(path, text));
    const app = 'src/app.module.ts';
    tree.overwrite(app, await formatted(app, withoutModule(tree.readText(app), `${name.pascal}Module`)));
    for (const file of [...allUnder(tree, folder), ...tests]) tree.delete(file);
    const page = 'docs/architecture.md';
    if (tree.exists(page)) {
      tree.overwrite(page, tree.readText(page).replace(new RegExp(`^ {2}${name.kebab}/ .*\n`, 'm'), ''));
    }
  };
}

/** Whether a table links rows of another one to rows: it has nothing but references. */
const isLink = (text: string, table: string): boolean =>
  referencesTo(text).includes(table) && !/\bid uuid\b/.test(text) && referencesTo(text).length === 2;

const allUnder = (tree: Tree, folder: string): string[] => {
  const dir = tree.getDir(folder);
  return [
    ...dir.subfiles.map((file) => `${folder}/${file}`),
    ...dir.subdirs.flatMap((name) => allUnder(tree, `${folder}/${name}`)),
  ];
};

/** @throws Refusal when other code imports something of the feature. */
function requireUnused(tree: Tree, feature: string, own: readonly string[]): void {
  const users = ['src', 'test', 'bench']
    .flatMap((folder) => filesUnder(tree, folder))
    .filter((path) => !own.includes(path) && path !== 'src/app.module.ts')
    .filter((path) => new RegExp(`^(?:import .*|\\} )from '[^']*/${feature}/`, 'm').test(tree.readText(path)));
  if (users.length > 0) {
    throw new Refusal(
      `${users.join(', ')} ${users.length > 1 ? 'import' : 'imports'} something of src/${feature}/: change that first.`,
    );
  }
}

/** @throws Refusal when a table of another feature refers to one of these. */
function requireUnreferred(statements: readonly Statement[], tables: readonly string[], own: readonly string[]): void {
  for (const [index, { path, text }] of statements.entries()) {
    const subject = subjectOf(text) ?? '';
    const table = referencesTo(text).find((one) => tables.includes(one));
    if (table === undefined || own.includes(subject)) continue;
    const columns = Array.from(text.matchAll(/(\w+) uuid[^,(]*REFERENCES (\w+)/g)).flatMap(
      ([, column = '', to = '']) => (tables.includes(to) ? [column] : []),
    );
    const gone = statements
      .slice(index + 1)
      .some(
        ({ text: later }) =>
          new RegExp(`^DROP TABLE ${subject}\\b`).test(later) ||
          (subjectOf(later) === subject &&
            columns.every((column) => new RegExp(`DROP COLUMN ${column}\\b`).test(later))),
      );
    if (!gone) throw new Refusal(`${path}: ${subject} refers to ${table}; take that reference away first.`);
  }
}
