import { glob, readFile } from 'node:fs/promises';
import { logging } from '@angular-devkit/core';
import { HostTree, type SchematicContext, type Tree } from '@angular-devkit/schematics';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFeature } from '../schematics/feature.js';
import { type FieldOptions, writeField } from '../schematics/field.js';
import type { FeatureOptions } from '../schematics/model.js';
import { Refusal } from '../schematics/refusal.js';
import { renameField } from '../schematics/rename.js';

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

  it('keeps what people wrote: comments, members, methods and statements', async () => {
    const tree = await handEdited();

    await add(tree, { name: 'offers', field: ['price:money', 'details:json'], existing: ['price=1999GBP'] });

    const service = tree.readText('src/offers/offers.service.ts');
    expect(service).toContain("      // a label says something\n      if (caller.userId === '') throw notFound('');");
    expect(service).toContain('  async isThere(id: string): Promise<boolean> {');
    expect(service).toContain('async create({ details = {}, ...plain }: CreateOfferDto, caller: Caller)');
    expect(tree.readText('src/offers/offers.repository.ts')).toContain('o.price_amount AS "priceAmount"');
    expect(tree.readText('src/offers/dto/offer.dto.ts')).toContain(
      '  id: row.id.toLowerCase(),\n  ownerId: row.ownerId,\n  label: row.label,\n  price: { amount: row.priceAmount, currency: row.priceCurrency },',
    );
    const entity = tree.readText('src/offers/entities/offer.entity.ts');
    expect(entity).toContain('  get isOrphan(): boolean {');
    expect(entity).toContain("  @Column('bigint')\n  priceAmount: number;");
  });

  it('writes nothing where people changed the same lines, and says where', async () => {
    const tree = await changedWhereItGoes();
    const before = filesOf(tree, 'offers');

    const refused = add(tree, { name: 'offers', field: ['details:json'] });

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(
      /changed by hand in src\/offers\/offers\.service\.ts \(1\)\. With --conflicts/,
    );
    expect(filesOf(tree, 'offers')).toEqual(before);
  });

  it('writes git’s markers there when it is asked to', async () => {
    const tree = await changedWhereItGoes();

    await add(tree, { name: 'offers', field: ['details:json'], conflicts: true });

    const service = tree.readText('src/offers/offers.service.ts');
    expect(service).toContain('<<<<<<< the file as it is\n  async create(given: CreateOfferDto');
    expect(service).toMatch(/^=======\n {2}async create\(\{ details = \{\}, \.\.\.plain \}: CreateOfferDto/m);
    expect(tree.readText('src/offers/dto/offer.dto.ts')).toContain('details: row.details,');
    expect(warned).toContainEqual(expect.stringContaining('Resolve the conflicts in src/offers/offers.service.ts (1)'));
  });

  it('adds to what was added and renamed before', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:200'], softDelete: true });
    await add(tree, { name: 'offers', field: ['rating:int:1..5'], existing: ['rating=1'], timestamp: '1800000000300' });
    await renameField({ name: 'offers', rename: 'rating=stars', timestamp: '1800000000400' })(tree, context);

    await add(tree, { name: 'offers', field: ['note:text:500:optional'], timestamp: '1800000000500' });

    const field = ['label:text:200', 'stars:int:1..5', 'note:text:500:optional'];
    const whole = await generate(project(), { name: 'offers', softDelete: true, field });
    expect(filesOf(tree, 'offers')).toEqual(filesOf(whole, 'offers'));
  });

  it('leaves out a file that is not there any more, and says so', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
    tree.delete('src/offers/offers.service.spec.ts');

    await add(tree, { name: 'offers', field: ['note:text:500:optional'] });

    expect(tree.exists('src/offers/offers.service.spec.ts')).toBe(false);
    expect(warned).toEqual(['src/offers/offers.service.spec.ts is not there: what would change in it was left out.']);
  });

  it('says in each migration which command wrote it', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:200'], read: 'public', noList: true });
    await add(tree, { name: 'offers', field: ['rating:int:1..5', 'note:text:500:optional'], existing: ['rating=3'] });

    expect(tree.readText('src/migrations/1800000000000-offers.ts')).toContain(
      '/** npm run generate feature offers -- --field label:text:200 --read public --no-list */\nexport class Offers',
    );
    expect(tree.readText('src/migrations/1800000001000-rating-and-note-of-offers.ts')).toContain(
      '/** npm run generate field offers -- --field rating:int:1..5 --field note:text:500:optional */\nexport class',
    );
  });

  it('creates the searched column again, from its former texts and the new one', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['title:text:80:searchable'] });

    await add(tree, { name: 'offers', field: ['note:text:500:optional,searchable'] });

    const migration = tree.readText('src/migrations/1800000001000-note-of-offers.ts');
    const [up = '', down = ''] = migration.split('async down');
    const [before, after] = ["title, 'B')", "title || ' ' || coalesce(note, ''), 'B')"];
    for (const [text, expression] of [
      [up, after],
      [down, before],
    ] as const) {
      expect(text).toContain('ALTER TABLE offers DROP COLUMN search');
      expect(text).toContain(
        `ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (search_vector(${expression}) STORED`,
      );
      expect(text).toContain('CREATE INDEX offers_for_search ON offers USING gin (search)');
    }
    expect(tree.readText('src/offers/offers.repository.ts').match(/\bq !== undefined && sql/g)).toHaveLength(1);
  });

  it('shows on the map what the feature refers to', async () => {
    const tree = await generate(project(), { name: 'offers', read: 'public' });
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

  it('says who else writes rows of the table', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
    tree.create('bench/offers.ts', "export const seed = 'INSERT INTO offers (id, label) VALUES ($1, $2)';\n");
    tree.create('bench/offers-of.ts', "export const seed = 'INSERT INTO offers_of (id) VALUES ($1)';\n");

    await add(tree, { name: 'offers', field: ['rank:int:1..5'], existing: ['rank=1'] });

    expect(warned).toEqual(['bench/offers.ts writes rows of offers by itself: see whether it has to write rank.']);
  });

  it('takes fields from where Nest’s command line has a path, with + between them', async () => {
    const asked = ['barcode:text:20:optional', 'weight:int:1..5:optional'];

    const trees = [{ field: asked }, { path: asked.join('+') }].map(async (how) =>
      add(await generate(project(), { name: 'offers' }), { name: 'offers', ...how }),
    );

    const [one, other] = await Promise.all(trees.map(async (tree) => filesOf(await tree, 'offers')));
    expect(one).toEqual(other);
    expect(one?.['src/offers/entities/offer.entity.ts']).toContain('  weight: number | null;');
  });
});

function change(tree: Tree, path: string, from: string, to: string): void {
  const text = tree.readText(path);
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  tree.overwrite(path, text.replace(from, to));
}

/** A feature whose code has been changed since it was generated. */
async function handEdited(): Promise<Tree> {
  const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
  change(
    tree,
    'src/offers/offers.service.ts',
    '      await this.offers.delete(id);\n',
    "      // a label says something\n      if (caller.userId === '') throw notFound('');\n      await this.offers.delete(id);\n",
  );
  change(
    tree,
    'src/offers/offers.service.ts',
    '  /** @throws AppError 404, also for someone else’s without the permission. */\n  private async lock',
    '  async isThere(id: string): Promise<boolean> {\n    return (await this.offers.find(id)) !== undefined;\n  }\n\n  /** @throws AppError 404, also for someone else’s without the permission. */\n  private async lock',
  );
  change(tree, 'src/offers/dto/offer.dto.ts', '  id: row.id,\n', '  id: row.id.toLowerCase(),\n');
  change(
    tree,
    'src/offers/entities/offer.entity.ts',
    '  ownerId: string;\n',
    '  ownerId: string;\n\n  get isOrphan(): boolean {\n    return this.ownerId === "";\n  }\n',
  );
  return tree;
}

/** A feature whose `create` takes its input in another way than it was generated. */
async function changedWhereItGoes(): Promise<Tree> {
  const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
  change(
    tree,
    'src/offers/offers.service.ts',
    'async create({ ...input }: CreateOfferDto',
    'async create(given: CreateOfferDto',
  );
  return tree;
}

describe('a field that can’t be added', () => {
  it.each<[string, Partial<FieldOptions>, RegExp]>([
    ['to nothing', { name: 'shops', field: ['a:int:optional'] }, /^There is no feature src\/shops\/: /],
    ['above the features', { name: '../test', field: ['a:int:optional'] }, /^There is no feature src\/\.\.\/test\/: /],
    [
      'to what was not generated',
      { name: 'users', field: ['nick:text:optional'] },
      /No migration says how src\/users\/ was generated .*docs\/extending\/field\.md/,
    ],
    ['without being said', { field: [] }, /Say what to add: --field/],
    ['with no type', { field: ['size'] }, /nothing is no type/],
    ['under a word of SQL', { field: ['order:int'] }, /order means something else in SQL/],
    ['under what every feature has', { field: ['version:int'] }, /every feature has its own version/],
    ['twice', { field: ['a:int:optional', 'a:text:optional'] }, /Two fields would be called a/],
    ['again', { field: ['label:text:20'] }, /Two fields would be called label/],
    ['as the columns of another', { field: ['fee:money'] }, /offer\.entity\.ts has feeAmount already/],
    [
      'as a filter that is there',
      { field: ['late:boolean:optional,indexed'] },
      /offer-query\.dto\.ts has late already/,
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
    ['with an amount of nothing', { field: ['toll:money'], existing: ['toll=12'] }, /like 1999GBP/],
  ])('%s is refused, and nothing is touched', async (_, options, words) => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:200'] });
    change(
      tree,
      'src/offers/entities/offer.entity.ts',
      '  label: string;\n',
      '  label: string;\n\n  feeAmount: number;\n',
    );
    const query = 'src/offers/dto/offer-query.dto.ts';
    change(
      tree,
      query,
      'export class OfferQuery extends PageQuery {\n',
      'export class OfferQuery extends PageQuery {\n  late?: string;\n\n',
    );
    const before = new Map<string, string>();
    tree.visit((path) => before.set(path, tree.readText(path)));

    const refused = add(tree, { name: 'offers', ...options });

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(words);
    const after = new Map<string, string>();
    tree.visit((path) => after.set(path, tree.readText(path)));
    expect(after).toEqual(before);
  });
});
