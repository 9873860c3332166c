import { execFile } from 'node:child_process';
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { logging } from '@angular-devkit/core';
import { HostTree, type SchematicContext, type Tree } from '@angular-devkit/schematics';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFeature } from '../schematics/feature.js';
import { filesOf as textsOf } from '../schematics/files.js';
import { featureOf, type FeatureOptions } from '../schematics/model.js';
import { requireOwnOptions } from '../schematics/npm-options.js';
import { Refusal } from '../schematics/refusal.js';
import { removeFeature } from '../schematics/remove.js';
import { renameField } from '../schematics/rename.js';
import { lostFromSearch, type Statement, statementsIn } from '../schematics/statements.js';

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

const context = Object.assign({} as SchematicContext, { logger: new logging.Logger('test') });

async function generate(tree: Tree, options: FeatureOptions): Promise<Tree> {
  await writeFeature({ timestamp: '1800000000000', ...options })(tree, context);
  return tree;
}

const isMigration = (path: string): boolean => path.startsWith('src/migrations/');

/** All files of a tree, by their paths. */
function filesOf(tree: Tree): Map<string, string> {
  const files = new Map<string, string>();
  tree.visit((path) => files.set(path.slice(1), tree.readText(path)));
  return files;
}

describe('a feature that is removed', () => {
  it.each<[string, FeatureOptions]>([
    ['a plain one', { name: 'offers' }],
    [
      'one with tables of links',
      { name: 'loan-notes', owned: true, field: ['gifts:refs:products', 'code:text:20:unique'] },
    ],
    ['one that refers to itself', { name: 'offers', softDelete: true, field: ['previous:ref:offers:optional'] }],
  ])('leaves the project as it was before: %s', async (_, options) => {
    const tree = await generate(project(), options);

    await removeFeature({ name: options.name, timestamp: '1800000001000' })(tree, context);

    const left = new Map([...filesOf(tree)].filter(([path]) => !/\/1800000\d+-/.test(path)));
    expect(left).toEqual(written);
  });

  it('drops its tables by a migration, whose way back makes them again', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['code:text:20:unique', 'gifts:refs:products'] });

    await removeFeature({ name: 'offers', timestamp: '1800000001000' })(tree, context);

    const migration = tree.readText('src/migrations/1800000001000-without-offers.ts');
    const [up = '', down = ''] = migration.split('async down');
    expect(up.match(/DROP TABLE \w+/g)).toEqual(['DROP TABLE offer_gifts', 'DROP TABLE offers']);
    expect(down.match(/CREATE TABLE \w+/g)).toEqual(['CREATE TABLE offers', 'CREATE TABLE offer_gifts']);
    expect(down).toContain('CONSTRAINT offers_code_unique UNIQUE (code)');
    expect(down).toContain('CREATE TRIGGER offer_gifts_lost');
  });

  it.each<[string, (tree: Tree) => Promise<unknown>, RegExp]>([
    ['that is not there', () => Promise.resolve(), /There is no feature src\/offers\/ with entities/],
    [
      'that another one refers to',
      async (tree) => {
        await generate(tree, { name: 'offers' });
        await generate(tree, { name: 'labels', field: ['offer:ref:offers'], timestamp: '1800000000500' });
      },
      /1800000000500-labels\.ts: labels refers to offers; take that reference away first/,
    ],
    [
      'that other code imports',
      async (tree) => {
        await generate(tree, { name: 'offers' });
        tree.create(
          'src/users/offers.ts',
          "import { Offer } from '../offers/entities/offer.entity.js';\nexport const one = new Offer();\n",
        );
      },
      /src\/users\/offers\.ts imports something of src\/offers\/: change that first/,
    ],
  ])('is refused when it is one %s, and nothing is touched', async (_, prepare, said) => {
    const tree = project();
    await prepare(tree);
    const before = filesOf(tree);

    const refused = Promise.resolve(removeFeature({ name: 'offers', timestamp: '1800000001000' })(tree, context));

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(said);
    expect(filesOf(tree)).toEqual(before);
  });
});

/** A field of each type, by a name that is in no other word of the templates. */
const FIELDS = [
  'marking:text:40:unique,searchable',
  'marking:text:40:indexed',
  'marking:int:1..20000:indexed',
  'marking:money:indexed',
  'marking:boolean:indexed',
  'marking:enum:red,blue:indexed',
  'marking:date-time:unique',
  'marking:uuid:unique',
  'marking:json',
  'marking:ref:products:optional',
  'markings:refs:products',
];

describe('a field that is renamed', () => {
  it.each(FIELDS)('is as if it had been generated so: %s', async (given) => {
    const [before = ''] = given.split(':');
    const after = before === 'markings' ? 'stampings' : 'stamping';
    const renamed = given.replace(before, after);
    const options = { name: 'offers', owned: true };
    const wanted = filesOf(await generate(project(), { ...options, field: ['label:text:40', renamed] }));

    const tree = await generate(project(), { ...options, field: ['label:text:40', given] });
    await renameField({ name: 'offers', rename: `${before}=${after}`, timestamp: '1800000001000' })(tree, context);

    const files = (all: Map<string, string>): [string, string][] =>
      [...all].filter(([path]) => path.includes('offer') && !isMigration(path));
    // examples stay as they are: what is shown of a field is not its name
    const inCode = (text: string): string =>
      text.replaceAll(/(@example .*|'(Marking|Stamping|Other marking|Other stamping)[^']*')/g, '');
    expect(files(filesOf(tree)).map(([path, text]) => [path, inCode(text)])).toEqual(
      files(wanted).map(([path, text]) => [path, inCode(text)]),
    );
  });

  it('is renamed in the table, and back', async () => {
    const tree = await generate(project(), { name: 'offers', field: ['marking:int:1..20000:unique'] });

    await renameField({ name: 'offers', rename: 'marking=stamping', timestamp: '1800000001000' })(tree, context);

    const migration = tree.readText('src/migrations/1800000001000-marking-to-stamping-of-offers.ts');
    const [up = '', down = ''] = migration.split('async down');
    expect(up).toContain('ALTER TABLE offers RENAME COLUMN marking TO stamping');
    expect(up).toContain('ALTER TABLE offers RENAME CONSTRAINT offers_marking_unique TO offers_stamping_unique');
    expect(up).toContain('ALTER TABLE offers RENAME CONSTRAINT offers_marking_valid TO offers_stamping_valid');
    expect(down).toContain('ALTER TABLE offers RENAME COLUMN stamping TO marking');
  });

  it.each([
    ['label', /say it as old=new/],
    ['weight=mass', /has no field weight/],
    ['label=code', /Two fields would be called code/],
    ['label=version', /every feature has its own version/],
  ])('is refused as --rename %s, and nothing is touched', async (rename, said) => {
    const tree = await generate(project(), { name: 'offers', field: ['label:text:40', 'code:text:20'] });
    const before = filesOf(tree);

    const refused = Promise.resolve(renameField({ name: 'offers', rename, timestamp: '1800000001000' })(tree, context));

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(said);
    expect(filesOf(tree)).toEqual(before);
  });
});

describe('a field that goes', () => {
  it.each(FIELDS)('is in no other file than those that the steps name: %s', async (given) => {
    const page = await readFile('docs/extending/changes.md', 'utf8');
    const [, steps = ''] = /^## A field goes\n(.*?)^## /ms.exec(page) ?? [];
    const texts = (...more: string[]): Map<string, string> =>
      textsOf(
        featureOf({ name: 'offers', owned: true, field: ['label:text:40', ...more], timestamp: '1800000000000' }),
      );
    const [name = ''] = given.split(':');
    const [without, whole] = [texts(), [...texts(given)]];
    const changed = whole.filter(([path, text]) => without.get(path) !== text && !isMigration(path));
    const named = new Map([
      ['src/offers/dto/offer-input.dto.ts', '`Create…Dto`'],
      ['src/offers/dto/offer.dto.ts', '`…Dto`, `…Row`, `to…Dto`'],
      ['src/offers/dto/offer-query.dto.ts', '`…Query`'],
      ['src/offers/entities/offer.entity.ts', 'entity'],
      ['src/offers/entities/offer-marking.entity.ts', 'entity of the links'],
      ['src/offers/offers.service.ts', '`columnsOf`'],
      ['src/offers/offers.repository.ts', '`COLUMNS`'],
      ['src/offers/offers.errors.ts', 'errors'],
      ['src/offers/offers.events.ts', '`*.events.ts`'],
      ['src/offers/offers.controller.ts', 'controller'],
      ['src/offers/offers.module.ts', 'module'],
      ['src/offers/offers.service.spec.ts', 'tests'],
      ['test/offers.test.ts', 'tests'],
      ['test/support/features/offers.ts', '`test/support/features/offers.ts`'],
    ]);

    expect(changed.some(([, text]) => text.includes(name))).toBe(true);
    expect(changed.map(([path]) => path).filter((path) => !steps.includes(named.get(path) ?? path))).toEqual([]);
  });
});

describe('an option that npm takes for itself', () => {
  const OPTIONS = ['field', 'owned', 'no-list', 'soft-delete', 'dry-run'];

  it.each([
    [{ npm_config_dry_run: 'true' }, /npm took --dry-run for itself: put -- before the options/],
    [{ npm_config_owned: 'true', npm_config_soft_delete: 'true' }, /npm took --owned and --soft-delete/],
    [{ npm_config_list: '' }, /npm took --no-list/],
    [{ npm_config_field: 'name:text:20' }, /npm took --field/],
  ])('is refused: %j', (env, said) => {
    expect(() => {
      requireOwnOptions(['feature', 'brands'], OPTIONS, env);
    }).toThrow(said);
    expect(() => {
      requireOwnOptions(['feature', 'brands', '--no-verify'], OPTIONS, env);
    }).toThrow(Refusal);
  });

  it('is none where the command has it, too', () => {
    expect(() => {
      requireOwnOptions(['feature', 'brands', '--dry-run', '--field=a:int'], OPTIONS, {
        npm_config_dry_run: 'true',
        npm_config_field: 'x',
      });
    }).not.toThrow();
    expect(() => {
      requireOwnOptions(['feature', 'brands'], OPTIONS, { npm_config_registry: 'https://registry.npmjs.org/' });
    }).not.toThrow();
  });
});

describe('a column that is searched', () => {
  const made = (of: string): string =>
    `ALTER TABLE offers ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (search_vector(${of}, 'B')) STORED`;
  const statements = (...expressions: string[]): Statement[] =>
    expressions.map((of, index) => ({
      path: `src/migrations/${String(index)}-search.ts`,
      time: index,
      text: made(of),
    }));

  it('has lost nothing that an earlier migration searched', () => {
    expect(lostFromSearch(statementsIn(project()))).toEqual([]);
    expect(lostFromSearch(statements('title', "title || ' ' || coalesce(note, '')"))).toEqual([]);
  });

  it('is reported when the later of two branches made it without the text of the other', () => {
    const merged = statements('title', "title || ' ' || coalesce(about, '')", "title || ' ' || coalesce(note, '')");

    expect(lostFromSearch(merged)).toEqual([
      'src/migrations/2-search.ts: offers.search has lost about; make the column again with it',
    ]);
  });
});

const run = promisify(execFile);

describe('two branches that each generated a feature', () => {
  it('merge without a conflict', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stockroom-merge-'));
    const git = (...args: string[]): Promise<unknown> =>
      run('git', ['-c', 'user.name=Team', '-c', 'user.email=team@stockroom.test', ...args], { cwd: folder });
    const put = async (files: ReadonlyMap<string, string>): Promise<void> => {
      for (const [path, text] of files) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--message', 'feat: more');
    };
    await git('init', '--quiet', '--initial-branch', 'main');
    const attributes = await readFile('.gitattributes', 'utf8');
    const shared = [...written].filter(([path]) => path === 'src/app.module.ts' || path.startsWith('docs/'));
    await put(new Map([...shared, ['.gitattributes', attributes]]));
    for (const [index, name] of ['brands', 'bundles'].entries()) {
      await git('checkout', '--quiet', '-b', name, 'main');
      const files = filesOf(await generate(project(), { name, timestamp: String(1_800_000_000_000 + index) }));
      await put(new Map([...files].filter(([path, text]) => written.get(path) !== text)));
    }

    await expect(git('merge', '--quiet', '--no-edit', 'brands')).resolves.toBeDefined();

    const module = await readFile(join(folder, 'src/app.module.ts'), 'utf8');
    expect([module.match(/BrandsModule/g)?.length, module.match(/BundlesModule/g)?.length]).toEqual([2, 2]);
    expect(await readFile(join(folder, 'docs/architecture.md'), 'utf8')).toMatch(
      /^ {2}brands\/[^]*^ {2}bundles\/|^ {2}bundles\/[^]*^ {2}brands\//m,
    );
    await rm(folder, { recursive: true });
  });
});
