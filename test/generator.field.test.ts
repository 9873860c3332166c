import { glob, readFile } from 'node:fs/promises';
import { logging } from '@angular-devkit/core';
import { HostTree, type SchematicContext, type Tree } from '@angular-devkit/schematics';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFeature } from '../schematics/feature.js';
import { type FieldOptions, writeField } from '../schematics/field.js';
import type { FeatureOptions } from '../schematics/model.js';
import { Refusal } from '../schematics/refusal.js';

const PRODUCT = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** A field of every type, and what rows that are there have in it. */
const FIELDS: [string, string[]][] = [
  ['title:text:2..80:optional,unique,searchable', []],
  ['note:text:500:optional', []],
  ['code:text:8:indexed', ['code=None']],
  ['rating:int:1..5:indexed', ['rating=3']],
  ['price:money:indexed', ['price=1999GBP']],
  ['active:boolean:indexed', ['active=true']],
  ['state:enum:draft,open:indexed', ['state=open']],
  ['startsAt:date-time:indexed', ['startsAt=2026-01-01T00:00:00Z']],
  ['endsAt:date-time:optional', []],
  ['details:json', []],
  ['series:uuid:unique', ['series=random']],
  ['product:ref:products', [`product=${PRODUCT}`]],
  ['category:ref:categories:optional', []],
  ['gifts:refs:products', []],
];

let written: Map<string, string>;
beforeAll(async () => {
  written = new Map();
  const paths = ['src/**/*.ts', 'test/*.test.ts', 'test/support/features/*.ts', 'docs/architecture.md'];
  for await (const path of glob(paths)) written.set(path.replaceAll('\\', '/'), await readFile(path, 'utf8'));
});

/** The project as it is. */
function project(): Tree {
  const tree = new HostTree();
  for (const [path, text] of written) tree.create(path, text);
  return tree;
}

const warned: string[] = [];
const logger = new logging.Logger('test');
logger.subscribe(({ message }) => warned.push(message));
const context = Object.assign({} as SchematicContext, { logger });

async function generate(tree: Tree, options: FeatureOptions): Promise<Tree> {
  await writeFeature({ timestamp: '1800000000000', ...options })(tree, context);
  return tree;
}

async function add(tree: Tree, options: FieldOptions): Promise<Tree> {
  warned.length = 0;
  await writeField({ timestamp: '1800000001000', ...options })(tree, context);
  return tree;
}

/** What is in a feature's files, and in its tests; not how its table is made. */
function filesOf(tree: Tree, name: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const folder of [`src/${name}`, 'test']) {
    tree.getDir(folder).visit((path) => {
      if (path.startsWith('/src') || path.includes(name)) files[path.slice(1)] = tree.readText(path);
    });
  }
  return files;
}

const EVERY_FIELD = FIELDS.map(([asked]) => asked.replace(':optional,unique', ':unique'));

describe('the generator of a field', () => {
  it.each(FIELDS)('writes %s as if the feature had been generated with it', async (asked, existing) => {
    const name = 'offers';
    const whole = await generate(project(), { name, field: ['label:text:200', asked] });

    const tree = await generate(project(), { name, field: ['label:text:200'] });
    await add(tree, { name, field: [asked], existing });

    expect(filesOf(tree, name)).toEqual(filesOf(whole, name));
  });

  it.each<[string, Partial<FeatureOptions>]>([
    ['belongs to somebody and is kept', { owned: true, softDelete: true }],
    ['is only read', { readOnly: true }],
    ['is not listed', { noList: true, field: EVERY_FIELD.map((asked) => asked.replace(',searchable', '')) }],
  ])('writes all at once into what %s', async (_, options) => {
    const name = 'offers';
    const { field: fields = EVERY_FIELD, ...more } = options;
    const added = fields.filter((asked) => !/:unique|,unique/.test(asked));
    const first = fields.filter((asked) => !added.includes(asked));
    const existing = FIELDS.flatMap(([asked, values]) => (added.includes(asked) ? values : []));
    const whole = await generate(project(), { name, ...more, field: [...first, ...added] });

    const tree = await generate(project(), { name, ...more, field: first });
    await add(tree, { name, field: added, existing });

    expect(filesOf(tree, name)).toEqual(filesOf(whole, name));
  });

  it('keeps what people wrote: other quotes, names, orders, comments and methods', async () => {
    const tree = await handEdited();

    await add(tree, { name: 'offers', field: ['price:money', 'details:json'], existing: ['price=1999GBP'] });

    const service = tree.readText('src/offers/offers.service.ts');
    expect(service).toContain('// a label says something');
    expect(service).toContain('  async count(): Promise<number> {\n    return this.rows.count();');
    expect(service).toContain('async create({ details = {}, ...plain }: CreateOfferDto)');
    expect(service).toContain("if (plain.label === '') throw notFound('');");
    expect(service).toContain('await this.rows.insert({ id, ...columnsOf(plain), details });');
    expect(service).toContain('o.label, o.price_amount AS "priceAmount"');
    expect(tree.readText('src/offers/dto/offer.dto.ts'))
      .toContain(`export function toOfferDto(one: OfferRow): OfferDto {
  // what is not listed here stays inside
  return {
    id: one.id,
    label: one.label,
    price: { amount: one.priceAmount, currency: one.priceCurrency },
    details: one.details,
    version: one.version,`);
    expect(tree.readText('src/offers/entities/offer.entity.ts')).toContain(`  label: string; // as on the poster

  /** In capitals. */
  get loudLabel(): string {
    return this.label.toUpperCase();
  }

  /** In minor units. */
  @Column('bigint')
  priceAmount: number;`);
  });

  it('creates the searched column again, from its former texts and the new one', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['title:text:80:searchable'] });

    await add(tree, { name: 'offers', field: ['note:text:500:optional,searchable'] });

    const migration = tree.readText('src/migrations/1800000001000-note-of-offers.ts');
    const [up = '', down = ''] = migration.split('async down');
    const [before, after] = ["'english', title)", "'english', title || ' ' || coalesce(note, ''))"];
    for (const [text, expression] of [
      [up, after],
      [down, before],
    ] as const) {
      expect(text).toContain('ALTER TABLE offers DROP COLUMN search');
      expect(text).toContain(
        `ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector(${expression}) STORED`,
      );
      expect(text).toContain('CREATE INDEX offers_for_search ON offers USING gin (search)');
    }
    expect(filesOf(tree, 'offers')['src/offers/offers.service.ts']?.match(/\bq !== undefined && sql/g)).toHaveLength(1);
  });

  it('shows on the map what the feature refers to', async () => {
    const tree = await generate(project(), { name: 'offers' });
    const lineOf = (): string => /^ {2}offers\/ .*$/m.exec(tree.readText('docs/architecture.md'))?.[0] ?? '';
    expect(lineOf()).toMatch(/ offers$/);

    await add(tree, { name: 'offers', field: ['category:ref:categories:optional', 'gifts:refs:products'] });
    expect(lineOf()).toMatch(/^ {2}offers\/ {12}offers {45}→ categories, products$/);
    await add(tree, { name: 'offers', field: ['maker:ref:users:optional'], timestamp: '1800000002000' });
    expect(lineOf()).toMatch(/→ categories, products, users$/);
  });

  it('gives the rows that there are a value once', async () => {
    const tree = await generate(project(), { name: 'offers' });

    await add(tree, { name: 'offers', field: ['rating:int:1..5'], existing: ['rating=3'] });

    const migration = tree.readText('src/migrations/1800000001000-rating-of-offers.ts');
    expect(migration).toContain('ADD COLUMN rating integer NOT NULL DEFAULT 3,');
    expect(migration).toContain('ALTER TABLE offers ALTER COLUMN rating DROP DEFAULT');
    expect(migration).toContain('ALTER TABLE offers DROP COLUMN rating');
  });

  it('adds to a feature that a person wrote, and says who else writes its rows', async () => {
    const tree = await add(project(), { name: 'products', field: ['barcode:text:20:optional,unique'] });

    expect(tree.readText('src/products/products.search.ts')).toContain('  p.barcode, p.version,');
    expect(tree.readText('src/products/products.search.ts')).toContain(
      'barcode !== undefined && sql`p.barcode = ${barcode}`,',
    );
    const service = tree.readText('src/products/products.service.ts');
    expect(service).toContain('price_currency, attributes, status, barcode)');
    expect(service).toContain('${JSON.stringify(attributes)}, ${status}, ${barcode})');
    expect(service).toContain('products_barcode_unique: () => new AppError(ProductBarcodeTaken,');
    expect(tree.readText('src/products/products.controller.ts')).toContain('@Problems(SkuTaken, ProductBarcodeTaken)');
    expect(tree.readText('src/products/dto/product.dto.ts')).toContain('  barcode: row.barcode,\n  version:');
    expect(warned).toContainEqual(expect.stringMatching(/^src\/products\/bulk\.service\.ts writes rows of products/));
  });

  it('takes fields from where Nest’s command line has a path, with + between them', async () => {
    const asked = ['barcode:text:20:optional', 'weight:int:1..5:optional'];

    const trees = [{ field: asked }, { path: asked.join('+') }].map((how) =>
      add(project(), { name: 'products', ...how }),
    );

    const [one, other] = await Promise.all(trees.map(async (tree) => filesOf(await tree, 'products')));
    expect(one).toEqual(other);
    expect(one?.['src/products/entities/product.entity.ts']).toContain('  weight: number | null;');
  });

  it('says where a test makes things in its own way, which lack what is required', async () => {
    await add(project(), { name: 'products', field: ['rank:int:1..5'], existing: ['rank=1'] });

    expect(warned).toContainEqual('test/products.test.ts makes products in its own way: give them rank there.');
    expect(warned).toContainEqual('test/bodies.test.ts makes products in its own way: give them rank there.');
  });

  it('adds filters to a list whose conditions stand in the query itself', async () => {
    const tree = await add(project(), { name: 'categories', field: ['code:text:8:optional,unique', 'facts:json'] });

    const service = tree.readText('src/categories/categories.service.ts');
    expect(service).toContain('const { parentId, slug, code } = list.query;');
    expect(service).toContain('...(code === undefined ? [] : [sql`c.code = ${code}`]),');
    expect(service).toContain('async create({ name, parentId = null, code, facts = {} }: CreateCategoryDto)');
    expect(tree.readText('src/categories/dto/category.dto.ts')).toContain("['parentId', 'facts']");
  });
});

/** A feature whose code has been changed since it was generated. */
async function handEdited(): Promise<Tree> {
  const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
  const change = (path: string, ...changes: [string | RegExp, string][]): void => {
    const text = changes.reduce((one, [from, to]) => one.replace(from, to), tree.readText(path));
    tree.overwrite(path, text);
  };
  change(
    'src/offers/offers.service.ts',
    [/this\.offers\./g, 'this.rows.'],
    ['readonly offers:', 'readonly rows:'],
    [/\bCOLUMNS\b/g, 'SHOWN'],
    [
      /const id = uuidv7/,
      "// a label says something\n    if (input.label === '') throw notFound('');\n    const id = uuidv7",
    ],
    [
      / {2}private async lock/,
      '  async count(): Promise<number> {\n    return this.rows.count();\n  }\n\n  private async lock',
    ],
  );
  change(
    'src/offers/dto/offer.dto.ts',
    [/'/g, '"'],
    [
      'export const toOfferDto = (row: OfferRow): OfferDto => ({',
      'export function toOfferDto(one: OfferRow): OfferDto {\n  // what is not listed here stays inside\n  return {',
    ],
    [/row\./g, 'one.'],
    [/\}\);\n$/, '};\n}\n'],
  );
  const loud = '/** In capitals. */\n get loudLabel(): string {\n return this.label.toUpperCase(); }';
  change('src/offers/entities/offer.entity.ts', ['label: string;', `label: string; // as on the poster\n\n${loud}`]);
  return tree;
}

describe('a field that can’t be added', () => {
  it.each<[string, Partial<FieldOptions>, RegExp]>([
    ['to nothing', { name: 'shops', field: ['a:int:optional'] }, /^There is no feature src\/shops\/: /],
    ['above the features', { name: '../test', field: ['a:int:optional'] }, /^There is no feature src\/\.\.\/test\/: /],
    [
      'to what has no entity',
      { name: 'auth', field: ['a:int:optional'] },
      /src\/auth: looked for the entity: .*class Auth/,
    ],
    [
      'to what is made otherwise',
      { name: 'users', field: ['nick:text:optional'] },
      /src\/users: looked for class CreateUserDto/,
    ],
    ['without being said', { field: [] }, /Say what to add: --field/],
    ['with no type', { field: ['size'] }, /nothing is no type/],
    ['under a word of SQL', { field: ['order:int'] }, /order means something else in SQL/],
    ['under what every feature has', { field: ['version:int'] }, /every feature has its own version/],
    ['twice', { field: ['a:int:optional', 'a:text:optional'] }, /Two fields would be called a/],
    ['again', { field: ['sku:text:20'] }, /product\.entity\.ts: Product has sku already/],
    ['as the columns of another', { field: ['price:money'] }, /Product has priceAmount already/],
    ['as what goes out already', { field: ['stock:int:optional'] }, /product\.dto\.ts: ProductDto has stock already/],
    [
      'as a filter that is there',
      { field: ['inStock:boolean:optional'] },
      /product-query\.dto\.ts: ProductQuery has inStock/,
    ],
    ['as a reference to nothing', { field: ['shop:ref:shops:optional'] }, /there is no feature src\/shops\//],
    [
      'without a value for the rows there are',
      { field: ['rank:int:1..5'] },
      /Make it optional, or .* --existing rank=…/,
    ],
    ['with a value out of its range', { field: ['rank:int:1..5'], existing: ['rank=9'] }, /a whole number from 1 to 5/],
    [
      'with a value of another',
      { field: ['rank:int:1..5'], existing: ['size=3'] },
      /the name of a field that is added/,
    ],
    [
      'with a value that it needs not',
      { field: ['note:text:optional'], existing: ['note=No'] },
      /note is optional, and null/,
    ],
    [
      'with one value for all, and unique',
      { field: ['code:text:unique'], existing: ['code=A'] },
      /would all have the same code/,
    ],
    ['with an amount of nothing', { field: ['fee:money'], existing: ['fee=12'] }, /like 1999GBP/],
    [
      'into a list sorted otherwise',
      { field: ['rank:int:1..5:indexed'], existing: ['rank=1'] },
      /src\/products: looked for const SORTS/,
    ],
  ])('%s is refused, and nothing is touched', async (_, options, words) => {
    const tree = project();

    const refused = add(tree, { name: 'products', ...options });

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(words);
    expect((tree as HostTree).actions.filter(({ kind }) => kind !== 'c')).toEqual([]);
    expect(tree.getDir('src/migrations').subfiles).toHaveLength(
      [...written.keys()].filter((path) => path.startsWith('src/migrations/')).length,
    );
  });
});
