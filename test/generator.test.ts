import { readFile } from 'node:fs/promises';
import { logging } from '@angular-devkit/core';
import { HostTree, type SchematicContext, type Tree } from '@angular-devkit/schematics';
import { describe, expect, it } from '@jest/globals';
import { withModule } from '../schematics/app-module.js';
import { writeFeature } from '../schematics/feature.js';
import type { FeatureOptions } from '../schematics/model.js';
import { Refusal } from '../schematics/refusal.js';

const EVERY_FIELD = [
  'title:text:2..80:unique,searchable',
  'note:text:500:optional,searchable',
  'rating:int:1..5:indexed',
  'price:money:indexed',
  'active:boolean:indexed',
  'state:enum:draft,open:indexed',
  'startsAt:date-time:indexed',
  'details:json',
  'series:uuid:indexed',
  'product:ref:products',
  'category:ref:categories:optional',
  'gifts:refs:products',
];

/** What the generator looks at: the table of contents, the map of the house, and what can be referred to. */
async function project(): Promise<Tree> {
  const tree = new HostTree();
  for (const path of ['src/app.module.ts', 'docs/architecture.md']) tree.create(path, await readFile(path));
  for (const path of ['src/products/entities/product.entity.ts', 'src/categories/entities/category.entity.ts']) {
    tree.create(path, await readFile(path));
  }
  tree.create('src/products/products.module.ts', '');
  tree.create('test/plans.test.ts', '');
  for (const path of [
    'src/auth/entities/session.entity.ts',
    'src/inventory/dto/stock-movement.dto.ts',
    'src/migrations/1763640003000-imports.ts',
  ]) {
    tree.create(path, await readFile(path));
  }
  return tree;
}

const said: string[] = [];
const logger = new logging.Logger('test');
logger.subscribe(({ message }) => said.push(message));
const context = Object.assign({} as SchematicContext, { logger });

async function generate(tree: Tree, options: FeatureOptions): Promise<Map<string, string>> {
  await writeFeature({ timestamp: '1800000000000', ...options })(tree, context);
  const files = new Map<string, string>();
  tree.visit((path) => {
    if (!path.includes('node_modules')) files.set(path.slice(1), tree.readText(path));
  });
  return files;
}

describe('the generator of a feature', () => {
  it('writes the same files twice', async () => {
    const options = { name: 'offers', field: EVERY_FIELD, owned: true, softDelete: true };

    const [one, other] = [await generate(await project(), options), await generate(await project(), options)];

    expect([...one.keys()].filter((path) => path.includes('offer')).sort()).toEqual([
      'src/migrations/1800000000000-offers.ts',
      'src/offers/dto/offer-input.dto.ts',
      'src/offers/dto/offer-query.dto.ts',
      'src/offers/dto/offer.dto.ts',
      'src/offers/entities/offer.entity.ts',
      'src/offers/offers.controller.ts',
      'src/offers/offers.errors.ts',
      'src/offers/offers.events.ts',
      'src/offers/offers.module.ts',
      'src/offers/offers.permissions.ts',
      'src/offers/offers.repository.ts',
      'src/offers/offers.service.spec.ts',
      'src/offers/offers.service.ts',
      'test/offers.test.ts',
      'test/support/features/offers.ts',
    ]);
    expect(one).toEqual(other);
  });

  it.each<[string, FeatureOptions, string]>([
    [
      'what is owned',
      { name: 'offers', owned: true },
      'their owner and holders of offers:read; for others they do not exist',
    ],
    ['what is owned and shown', { name: 'offers', owned: true, read: 'public' }, 'everybody, without signing in'],
    [
      'what is asked for without more',
      { name: 'offers' },
      'their owner and holders of offers:read; for others they do not exist',
    ],
    ['what belongs to nobody', { name: 'offers', read: 'public' }, 'everybody, without signing in'],
    ['what is only read', { name: 'offers', readOnly: true }, 'everybody, without signing in'],
    ['what is for users', { name: 'offers', read: 'signed-in' }, 'every signed-in user'],
    ['what is for staff', { name: 'offers', read: 'offers:read' }, 'holders of offers:read'],
  ])('says in one line who reads %s', async (_, options, readers) => {
    said.length = 0;

    await generate(await project(), options);

    expect(said).toEqual([`Who reads offers: ${readers}. (--read says otherwise.)`]);
  });

  it('shows what is owned to nobody else by default', async () => {
    const [own, open] = [
      await generate(await project(), { name: 'offers', owned: true }),
      await generate(await project(), { name: 'offers', owned: true, read: 'public' }),
    ].map((files) => files.get('src/offers/offers.controller.ts') ?? '');

    expect([
      own?.includes('@Public()'),
      own?.includes('@Cacheable('),
      own?.match(/@Owner\(ReadOffers\)/g)?.length,
    ]).toEqual([false, false, 2]);
    expect([open?.match(/@Public\(\)/g)?.length, open?.match(/@Owner\(WriteOffers\)/g)?.length]).toEqual([2, 2]);
  });

  it('says in the descriptions of its events what the database does to its rows without one', async () => {
    const [wide, plain] = [
      await generate(await project(), { name: 'offers', field: EVERY_FIELD }),
      await generate(await project(), { name: 'offers' }),
    ].map((files) => {
      const text = files.get('src/offers/offers.events.ts') ?? '';
      return Array.from(text.matchAll(/'(An offer was [^']*)'/g), ([, description]) => description);
    });

    expect(wide).toEqual([
      'An offer was created.',
      'An offer was updated. References to deleted categories and products are removed without an event of their own.',
      'An offer was deleted. Offers of deleted products are deleted with them, without an event of their own.',
    ]);
    expect(plain).toEqual(['An offer was created.', 'An offer was updated.', 'An offer was deleted.']);
  });

  it('puts it into the table of contents and on the map', async () => {
    const files = await generate(await project(), { name: 'loan-notes', field: ['product:ref:products'] });

    const module = files.get('src/app.module.ts');
    expect(module).toContain("import { LoanNotesModule } from './loan-notes/loan-notes.module.js';\n");
    expect(module).toMatch(/LoanNotesModule,\s+DemoModule/);
    expect(files.get('docs/architecture.md')).toMatch(/^ {2}loan-notes\/ +loan notes +→ users, products$/m);
  });

  it.each<[string, FeatureOptions, RegExp]>([
    ['a name that is taken', { name: 'products' }, /src\/products\/ is there already: choose another name/],
    ['one that is called like an entity', { name: 'categories' }, /category\.entity\.ts is Category already/],
    ['a reserved name', { name: 'migrations' }, /means something else here/],
    ['a name in the singular', { name: 'offer' }, /no plural: .*like offers/],
    ['a name that none could have', { name: 'Offers!' }, /small letters and digits, words joined by hyphens/],
    ['a type that there is not', { name: 'offers', field: ['size:float'] }, /float is no type; there are text, int,/],
    ['a field without a type', { name: 'offers', field: ['size'] }, /nothing is no type/],
    ['a name of a field in another form', { name: 'offers', field: ['Start_At:text'] }, /camelCase/],
    ['a field that every feature has', { name: 'offers', field: ['version:int'] }, /every feature has its own version/],
    ['a name of credentials', { name: 'offers', field: ['token:uuid'] }, /credentials are called token/],
    ['a unique text without room', { name: 'offers', field: ['code:text:5:unique'] }, /needs room for 6 characters/],
    [
      'an order that there is not',
      { name: 'offers', field: ['a:text:5:optional,indexed'] },
      /nothing is sorted by an optional/,
    ],
    ['unique numbers that run out', { name: 'offers', field: ['size:int:1..5:unique'] }, /a range of 10,000 or more/],
    ['a word of SQL', { name: 'offers', field: ['order:int'] }, /order means something else in SQL/],
    ['a test that is there', { name: 'plans' }, /test\/plans\.test\.ts is there already: choose another name/],
    ['a DTO that is there', { name: 'stock-movements' }, /has a StockMovement\w* already: choose another name/],
    [
      'a table without an entity',
      { name: 'import-chunks' },
      /src\/migrations\/\d+-imports\.ts makes import_chunks already/,
    ],
    [
      'a reference to what has no table',
      { name: 'offers', field: ['session:ref:auth'] },
      /src\/auth\/ has no table auth, but sessions/,
    ],
    ['a text without an end', { name: 'offers', field: ['body:text:0'] }, /a text has a length/],
    ['a range that is none', { name: 'offers', field: ['size:int:5..1'] }, /a whole number has a range/],
    ['an enum of one', { name: 'offers', field: ['state:enum:open'] }, /at least two/],
    ['a flag that does not go with the type', { name: 'offers', field: ['a:json:unique'] }, /json can't be unique/],
    ['a part too many', { name: 'offers', field: ['a:text:5:large:unique'] }, /large is one part too many/],
    ['a reference to nothing', { name: 'offers', field: ['shop:ref:shops'] }, /there is no feature src\/shops\//],
    ['two fields of a name', { name: 'offers', field: ['a:int', 'a:text'] }, /Two fields would be called a/],
    ['two filters of a name', { name: 'offers', field: ['a:int:indexed', 'minA:int'] }, /would be called minA/],
    ['a first that there can’t be', { name: 'offers', field: ['next:ref:offers'] }, /make it optional/],
    ['what nobody makes, of somebody', { name: 'offers', owned: true, readOnly: true }, /--read-only and --owned/],
    ['a search without a list', { name: 'offers', field: ['a:text:searchable'], noList: true }, /nothing to search/],
  ])('refuses %s, and writes nothing', async (_, options, words) => {
    const tree = await project();
    const before = tree.readText('src/app.module.ts');

    const refused = generate(tree, options);

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(words);
    expect(tree.exists('src/offers/offers.module.ts')).toBe(false);
    expect(tree.readText('src/app.module.ts')).toBe(before);
  });
});

describe('the table of contents', () => {
  const edited = (text: string): string => withModule(text, 'NotesModule', './notes/notes.module.js');

  it('is edited however it is written', () => {
    const text = `import { Module } from "@nestjs/common"
import {ZModule} from './z/z.module.js' // the last
// @Module({ imports: [] })
@Module({ providers: [], imports: [ZModule,] }) export class AppModule {}
`;
    expect(edited(text)).toBe(`import { Module } from "@nestjs/common"
import { NotesModule } from './notes/notes.module.js';
import {ZModule} from './z/z.module.js' // the last
// @Module({ imports: [] })
@Module({ providers: [], imports: [ZModule,NotesModule] }) export class AppModule {}
`);
  });

  it('is left alone when the module is in it, or there is no place for it', () => {
    expect(() => edited('@Module({ imports: [NotesModule] }) class A {}')).toThrow('lists NotesModule already');
    expect(() => edited('class A {}')).toThrow('has no @Module({ imports: […] })');
  });
});
