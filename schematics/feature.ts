import type { Rule, Tree } from '@angular-devkit/schematics';
import { withModule } from './app-module.js';
import { filesOf } from './files.js';
import { compiling } from './compiling.js';
import type { Field } from './fields.js';
import { formatted } from './formatted.js';
import { DEFAULT_FIELDS, type Feature, type FeatureOptions, featureOf } from './model.js';
import { permissionsIn } from './permissions.js';
import { recordOf } from './record.js';
import { Refusal } from './refusal.js';

/** Writes a whole feature that compiles, and its line in the table of contents. @throws Refusal before anything is written. */
export function feature(options: FeatureOptions): Rule {
  return compiling(writeFeature(options));
}

/** The same without compiling it. */
export function writeFeature(options: FeatureOptions): Rule {
  return async (tree, { logger }) => {
    const asked = featureOf(options, permissionsIn(tree));
    requireRoom(tree, asked);
    const wanted = { ...asked, fields: targetsIn(tree, asked) };
    const app = 'src/app.module.ts';
    const { name } = wanted;
    const { name: of, timestamp: _, path, ...given } = options;
    const field = [...(given.field ?? []), ...(path?.split('+') ?? [])];
    const files = filesOf(
      wanted,
      recordOf('feature', of, { ...given, field: field.length > 0 ? field : DEFAULT_FIELDS }),
    );
    requireFreeRelations(tree, files);
    const table = withModule(tree.readText(app), `${name.pascal}Module`, `./${name.kebab}/${name.kebab}.module.js`);
    for (const [path, text] of files) tree.create(path, await formatted(path, text));
    tree.overwrite(app, await formatted(app, table));
    const page = 'docs/architecture.md';
    if (tree.exists(page)) tree.overwrite(page, withLine(tree.readText(page), wanted));
    logger.info(whoReads(wanted));
  };
}

/** One line for the developer: who can read the rows. */
function whoReads({ name, reading: { by, permission } }: Feature): string {
  const readers = {
    public: 'everybody, without signing in',
    'signed-in': 'every signed-in user',
    owner: `their owner and holders of ${permission?.name ?? ''}; for others they do not exist`,
    permission: `holders of ${permission?.name ?? ''}`,
  };
  return `Who reads ${name.words}: ${readers[by]}. (--read says otherwise.)`;
}

/** @throws Refusal when the name is taken: as a folder, a test, an entity, a class of another feature or a migration. */
function requireRoom(tree: Tree, { name, one, entity }: Feature): void {
  if (tree.getDir(`src/${name.kebab}`).subfiles.length > 0) {
    throw new Refusal(`src/${name.kebab}/ is there already: choose another name, or generate a field of it.`);
  }
  const test = [`test/${name.kebab}.test.ts`, `test/support/features/${name.kebab}.ts`].find((path) =>
    tree.exists(path),
  );
  if (test !== undefined) throw new Refusal(`${test} is there already: choose another name.`);
  const classes = [entity, ...['Dto', 'Page', 'Query', 'Row', 'Sort'].map((end) => `${one.pascal}${end}`)];
  const taken = new RegExp(`^export (?:abstract )?(?:class|interface|type) (${classes.join('|')})\\b`, 'm');
  tree.getDir('src').visit((path) => {
    if (path.endsWith(`/${one.kebab}.entity.ts`)) {
      throw new Refusal(`${path.slice(1)} is ${one.pascal} already: choose another name, or --singular.`);
    }
    if (new RegExp(`^/src/migrations/\\d+-${name.kebab}\\.ts$`).test(path)) {
      throw new Refusal(`${path.slice(1)} makes the table already: choose another name.`);
    }
    if (!/\.(dto|entity)\.ts$/.test(path)) return;
    const [, found] = taken.exec(tree.readText(path)) ?? [];
    if (found !== undefined)
      throw new Refusal(`${path.slice(1)} has a ${found} already: choose another name, or --singular.`);
  });
}

const RELATION = /CREATE (?:TABLE|(?:UNIQUE )?INDEX) (?:IF NOT EXISTS )?(\w+)/g;
const relationsIn = (text: string): string[] => Array.from(text.matchAll(RELATION), ([, relation = '']) => relation);

/** @throws Refusal when a table or an index would be called like one that a migration makes. */
function requireFreeRelations(tree: Tree, files: ReadonlyMap<string, string>): void {
  const wanted = new Set(
    [...files].flatMap(([path, text]) => (path.startsWith('src/migrations/') ? relationsIn(text) : [])),
  );
  const migrations = tree.getDir('src/migrations');
  for (const file of migrations.subfiles) {
    const taken = relationsIn(tree.readText(`src/migrations/${file}`)).find((relation) => wanted.has(relation));
    if (taken !== undefined) {
      throw new Refusal(`src/migrations/${file} makes ${taken} already: choose another name.`);
    }
  }
}

/** The fields, each reference with what is to be known of the table that it refers to. @throws Refusal when there is none. */
export function targetsIn(tree: Tree, { name, fields, softDelete }: Feature): Field[] {
  return fields.map((field) => {
    const { target } = field;
    if (!target) return field;
    if (target.kebab === name.kebab) return { ...field, softTarget: softDelete };
    const folder = tree.getDir(`src/${target.kebab}/entities`);
    const entities = folder.subfiles.map((file) => folder.file(file)?.content.toString() ?? '');
    if (entities.length === 0) {
      throw new Refusal(
        `--field ${field.name.camel}: there is no feature src/${target.kebab}/ with entities to refer to.`,
      );
    }
    const tables = entities.flatMap((text) =>
      Array.from(text.matchAll(/@Entity\('(\w+)'\)/g), ([, table = '']) => table),
    );
    const entity = entities.find((text) => text.includes(`@Entity('${target.snake}')`));
    if (entity === undefined) {
      throw new Refusal(
        `--field ${field.name.camel}: src/${target.kebab}/ has no table ${target.snake}, but ${tables.join(', ')}: a reference is to a feature with a table of its name.`,
      );
    }
    return { ...field, softTarget: /^\s*deletedAt: Date/m.test(entity) };
  });
}

/** The page with a line for the feature, where its folders are listed; as it is, when they are not. */
function withLine(page: string, { name, fields, owned }: Feature): string {
  const above = /^ {2}(demo|migrations)\/ .*$/m.exec(page);
  if (!above) return page;
  const used = new Set([
    ...(owned ? ['users'] : []),
    ...fields.flatMap(({ target }) => (target ? [target.kebab] : [])),
  ]);
  used.delete(name.kebab);
  const line = `  ${`${name.kebab}/`.padEnd(19)}${name.words.padEnd(used.size > 0 ? 51 : 0)}${used.size > 0 ? `→ ${[...used].join(', ')}` : ''}`;
  return `${page.slice(0, above.index)}${line.trimEnd()}\n${page.slice(above.index)}`;
}

/** The page with what the feature refers to now, where its folder is listed; as it is, when it is not. */
export function withUses(page: string, { name, fields }: Feature): string {
  const line = new RegExp(`^ {2}${name.kebab}/ .*$`, 'm').exec(page)?.[0];
  if (line === undefined) return page;
  const [what = '', known] = line.split('→');
  const uses = known === undefined ? [] : known.split(',').map((one) => one.trim());
  const fresh = fields.flatMap(({ target }) => (target && target.kebab !== name.kebab ? [target.kebab] : []));
  const all = [...new Set([...uses, ...fresh])];
  return all.length === uses.length ? page : page.replace(line, `${what.padEnd(72)}→ ${all.join(', ')}`);
}
