import { PGlite } from '@electric-sql/pglite';
import { HostTree, type SchematicContext } from '@angular-devkit/schematics';
import { afterEach, describe, expect, it } from '@jest/globals';
import pluralize from 'pluralize';
import ts from 'typescript';
import { compiling, errorsOf } from '../schematics/compiling.js';
import { fieldOf } from '../schematics/fields.js';
import { filesOf } from '../schematics/files.js';
import { type Feature, featureOf, type FeatureOptions } from '../schematics/model.js';
import { identifier, nameOf } from '../schematics/names.js';
import { Refusal } from '../schematics/refusal.js';

/** Every type of field, so that every template has its say. */
const EVERY_FIELD = [
  'title:text:80:unique,searchable',
  'rating:int:1..5:indexed',
  'price:money:indexed',
  'active:boolean:indexed',
  'state:enum:draft,open:indexed',
  'startsAt:date-time:indexed',
  'details:json',
  'batch:uuid:indexed',
  'product:ref:products:optional',
  'gifts:refs:products',
];

/** All words that the generated code of a feature has, beside what its own names are. */
function wordsOfTemplates(): string[] {
  const whole = featureOf({ name: 'offers', owned: true, softDelete: true, field: EVERY_FIELD });
  const words = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) words.add(node.text);
    ts.forEachChild(node, visit);
  };
  for (const [path, text] of filesOf(whole)) visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return [...words];
}

const keywords = async (engine: PGlite, kinds: string): Promise<string[]> =>
  (await engine.query<{ word: string }>(`SELECT word FROM pg_get_keywords() WHERE catcode IN (${kinds})`)).rows.map(
    ({ word }) => word,
  );

const OF_TYPESCRIPT = Object.values(ts.SyntaxKind)
  .filter((kind) => typeof kind !== 'string')
  .filter((kind) => kind >= ts.SyntaxKind.FirstKeyword && kind <= ts.SyntaxKind.LastKeyword)
  .map((kind) => ts.tokenToString(kind) ?? '');

/** What is made, or undefined where that is refused in one line. Anything else is thrown. */
function asked<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal && !error.message.includes('\n')) return undefined;
    throw error;
  }
}

const generated = (options: FeatureOptions): Feature | undefined =>
  asked(() => featureOf({ timestamp: '1800000000000', ...options }));

/** The files of many features, unformatted. */
const filesOfAll = (features: readonly Feature[]): Map<string, string> =>
  new Map(
    features
      .flatMap((feature) => [...filesOf(feature)])
      .map(([path, text]) => [path.replace('1800000000000', path.replaceAll(/\W/g, '')), text]),
  );

/** The tests of a feature bring the whole application with them, and have none of its names but those of types. */
const withoutTests = (files: Map<string, string>): Map<string, string> =>
  new Map([...files].filter(([path]) => path.startsWith('src/')));

/** Runs the migrations of features, and a statement on each table as the services write it. */
async function migrate(engine: PGlite, features: readonly Feature[]): Promise<void> {
  for (const feature of features) {
    const [, migration = ''] = [...filesOf(feature)].find(([path]) => path.startsWith('src/migrations/')) ?? [];
    const [up = ''] = migration.split('async down');
    for (const [, long = '', short = ''] of up.matchAll(/runner\.query\((?:`([^`]*)`|'((?:[^'\\]|\\.)*)')\)/g)) {
      await engine.exec(long || short);
    }
    const { snake } = feature.name;
    await engine.exec(`SELECT ${feature.alias}.id FROM ${snake} ${feature.alias}; DELETE FROM ${snake};`);
  }
}

const open: PGlite[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

/** An engine with the tables and functions that every feature may use. */
async function emptyShop(): Promise<PGlite> {
  const engine = await PGlite.create();
  open.push(engine);
  await engine.exec(`
    CREATE TABLE users (id uuid PRIMARY KEY); CREATE TABLE products (id uuid PRIMARY KEY);
    CREATE FUNCTION bump_version_on_fk_null() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION search_vector(text, text) RETURNS tsvector LANGUAGE sql IMMUTABLE RETURN to_tsvector('simple', $1);
    CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION count_version_of_searched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION bump_version_on_link_delete() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
  `);
  return engine;
}

describe('a name that TypeScript, Nest, PostgreSQL or the templates use', () => {
  it('is a feature that compiles and migrates, or is refused before anything is written', async () => {
    const engine = await emptyShop();
    const globals = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name));
    // of what Nest exports, the templates have what they import
    const words = [...globals, ...OF_TYPESCRIPT, ...(await keywords(engine, "'R', 'T'")), ...wordsOfTemplates()];
    const names = new Set(words.map((word) => pluralize.plural(nameOf(word).kebab)));
    // the command refuses what there is already
    for (const name of ['users', 'products']) names.delete(name);
    const features = [...names].flatMap((name) => generated({ name, owned: true, field: ['label:text:80'] }) ?? []);

    expect(features.length).toBeGreaterThan(150);
    expect(errorsOf(withoutTests(filesOfAll(features)))).toEqual([]);
    await migrate(engine, features);
  });

  it.each([
    ['text:80:indexed', "'R', 'T', 'C'"],
    ['json', "'R', 'T'"],
    ['date-time:indexed', "'R', 'T'"],
    ['ref:products', "'R', 'T'"],
    ['refs:products', "'R'"],
  ])('is a field %s that compiles and migrates, or is refused before anything is written', async (type, kinds) => {
    const engine = await emptyShop();
    const words = [...OF_TYPESCRIPT, ...(await keywords(engine, kinds)), ...wordsOfTemplates()];
    const names = new Set(words.map((word) => nameOf(word).camel).filter((word) => /^[a-z]\w{0,39}$/.test(word)));
    const fields = [...names].map((name) => `${name}:${type}`).filter((field) => asked(() => fieldOf(field)));
    // what two fields would be called at once is refused: few go into one feature
    const features: Feature[] = [];
    let chunk: string[] = [];
    for (const field of fields) {
      const feature = generated({ name: `things-${String(features.length)}s`, field: [...chunk, field] });
      if (feature && chunk.length < 25) chunk.push(field);
      else {
        features.push(
          ...[generated({ name: `things-${String(features.length)}s`, field: chunk })].flatMap((one) => one ?? []),
        );
        chunk = [field];
      }
    }

    expect(fields.length).toBeGreaterThan(100);
    expect(errorsOf(withoutTests(filesOfAll(features)))).toEqual([]);
    await migrate(engine, features);
  });

  it.each([
    ...[
      'changes',
      'records',
      'modules',
      'dates',
      'maps',
      'sets',
      'errors',
      'promises',
      'types',
      'entities',
      'repositories',
    ],
    ...['ids', 'callers', 'orders', 'returns', 'packages', 'groups', 'cases', 'clients', 'imports-of-goods'],
  ])('can be a feature: %s', (name) => {
    expect(featureOf({ name }).name.kebab).toBe(name);
  });

  it.each([
    'order:ref:orders',
    'user:ref:users',
    'group:ref:groups',
    'sql:boolean:indexed',
    'raw:text:9:indexed',
    'class:text:9',
  ])('can be a field: %s', (field) => {
    expect(featureOf({ name: 'offers', field: [field] }).fields).toHaveLength(1);
  });

  it.each<[string, FeatureOptions, RegExp]>([
    [
      'a column that SQL means otherwise',
      { name: 'offers', field: ['currentDate:date-time'] },
      /currentDate means something else in SQL/,
    ],
    [
      'a variable of the service',
      { name: 'offers', field: ['expected:json'] },
      /expected means something else in the code/,
    ],
    ['an acronym', { name: 'offers', field: ['isVIPCustomer:boolean'] }, /write isVipCustomer/],
    ['an acronym at the end', { name: 'offers', field: ['taxID:text:9'] }, /write taxId/],
    ['an owner beside the owner', { name: 'offers', owned: true, field: ['owner:ref:users'] }, /has an owner already/],
    ['a word without a plural', { name: 'news' }, /say what one of them is called, like --singular news-item/],
    ['a singular that is no name', { name: 'news', singular: 'News!' }, /--singular News!: small letters/],
    ['a table that SQL means otherwise', { name: 'references' }, /means something else/],
    ['the type of an enum', { name: 'offers', field: ['page:enum:a,b'] }, /called like another type/],
    ['an owner that none has', { name: 'offers', read: 'owner' }, /goes with --owned/],
    [
      'a permission that none is',
      { name: 'offers', read: 'offers:see' },
      /public, signed-in or a permission: offers:read/,
    ],
  ])('is refused in words as %s', (_, options, said) => {
    expect(() => featureOf(options)).toThrow(Refusal);
    expect(() => featureOf(options)).toThrow(said);
  });
});

describe('a long name', () => {
  const long = 'supplier_delivery_appointments_external_carrier_reference_number';

  it('is shortened to what PostgreSQL keeps, and stays another than its like', () => {
    const names = ['unique', 'valid', 'fk'].map((kind) => identifier(long, kind));

    expect(names.map((name) => name.length)).toEqual([63, 63, 63]);
    expect(new Set([...names, identifier(`${long}s`, 'fk')]).size).toBe(4);
    expect(names.map((name) => name.split('_').at(-1))).toEqual(['unique', 'valid', 'fk']);
  });

  it('stays as it is where it fits', () => {
    expect(identifier('offers', 'code', 'unique')).toBe('offers_code_unique');
    expect(identifier('x'.repeat(60), 'fk')).toHaveLength(63);
  });

  it('makes no two constraints of a migration one', async () => {
    const feature = featureOf({
      name: 'supplier-delivery-appointments-of-stores',
      softDelete: true,
      field: ['Reference', 'Appointment', 'Destination'].flatMap((end) => [
        `externalCarrierOfSupplier${end}:text:40:unique,searchable`,
        `externalSupplierOfCarrier${end}:ref:products:optional`,
        `externalSuppliersOfCarrier${end}s:refs:products`,
      ]),
    });

    await expect(emptyShop().then((engine) => migrate(engine, [feature]))).resolves.toBeUndefined();
  });
});

describe('what does not compile', () => {
  const context = {} as SchematicContext;

  it('is refused with the first error, before anything is written', async () => {
    const writing = (text: string): Promise<unknown> =>
      Promise.resolve(
        compiling((tree) => {
          tree.create('src/broken/broken.service.ts', text);
        })(new HostTree(), context),
      );

    await expect(writing("export const rating: number = 'five';\n")).rejects.toThrow(
      /nothing was: src\/broken\/broken\.service\.ts:1: Type 'string' is not assignable to type 'number'/,
    );
    await expect(writing('export const rating: number = 5;\n')).resolves.toBeUndefined();
  });

  it('is reported for files that use what is gone', () => {
    const gone = new Map([['src/reviews/reviews.errors.ts', null]]);

    expect(errorsOf(gone, ['src/reviews/reviews.service.ts'])).toEqual([
      expect.stringMatching(/^src\/reviews\/reviews\.service\.ts:\d+: Cannot find module '\.\/reviews\.errors\.js'/),
    ]);
  });
});
