import { glob } from 'node:fs/promises';
import { HostTree, type SchematicContext, type Tree } from '@angular-devkit/schematics';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IsIn, Max, MaxLength, Min } from 'class-validator';
import { EntitySchema, type EntitySchemaColumnOptions, type MigrationInterface, type QueryRunner } from 'typeorm';
import { migration } from '../schematics/migration.js';
import { Refusal } from '../schematics/refusal.js';
import type { Config } from '../src/common/config/config.js';
import { migrate } from '../src/common/database/migrate.js';
import { StockroomDataSource } from '../src/common/database/transactions.js';
import { type DtoClass, narrowChecks } from '../tools/schema/checks.js';
import { differencesOf } from '../tools/schema/differences.js';
import { SkusWithoutCase1763640094000 } from '../src/migrations/1763640094000-skus-without-case.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

/** The table `idempotency_keys`, which no entity has, as an entity could have it. */
const KEYS: Record<string, EntitySchemaColumnOptions> = {
  userId: { type: 'uuid', primary: true },
  route: { type: 'text', primary: true },
  key: { type: 'text', primary: true },
  fingerprint: { type: 'bytea' },
  status: { type: 'smallint' },
  headers: { type: 'json' },
  body: { type: 'json', nullable: true },
  createdAt: { type: 'timestamptz', precision: 3 },
};

/** What a new wish may have, in three versions of its feature. */
function wishDtos(): Record<'values' | 'length' | 'range', DtoClass> {
  const values = (): DtoClass => {
    class CreateWishDto {
      @IsIn(['draft', 'open', 'closed'])
      state: string;
    }
    return CreateWishDto;
  };
  const length = (): DtoClass => {
    class CreateWishDto {
      @MaxLength(8)
      state: string;
    }
    return CreateWishDto;
  };
  const range = (): DtoClass => {
    class CreateWishDto {
      @Min(0)
      @Max(5)
      rating: number;
    }
    return CreateWishDto;
  };
  return { values: values(), length: length(), range: range() };
}

describe('entities and database', () => {
  let database: TestDatabase;
  let opened: StockroomDataSource;
  afterEach(async () => {
    await opened.destroy();
    await database.drop();
  });

  /** Opens a database of its own, migrated; with the entities there are, or this one alone. */
  async function open(entity?: EntitySchema): Promise<StockroomDataSource> {
    database = await createTestDatabase({ databasePoolSize: 1 });
    opened = new StockroomDataSource(Object.assign({}, database.options, entity && { entities: [entity] }));
    return opened.initialize();
  }
  const keysOf = (columns: Record<string, EntitySchemaColumnOptions>): EntitySchema =>
    new EntitySchema({ name: 'Key', tableName: 'idempotency_keys', columns });

  it('agree: the migrations make what the entities say', async () => {
    const { up, down, databaseOnly } = await differencesOf(await open());

    expect([up, down]).toEqual([[], []]);
    expect(databaseOnly).toContain('products.search');
    // a table that a removed feature left would be named here
    expect(databaseOnly).toEqual(
      expect.arrayContaining(['idempotency_keys', 'import_chunks', 'outbox', 'product_categories']),
    );
  });

  it('drop a table that no entity has when it is named, and make it again on the way back', async () => {
    const dataSource = await open();
    await dataSource.query('CREATE TABLE gift_cards (id uuid NOT NULL, code text)');

    expect((await differencesOf(dataSource)).databaseOnly).toContain('gift_cards');
    expect(await differencesOf(dataSource, ['gift_cards'])).toMatchObject({
      up: ['DROP TABLE gift_cards'],
      down: ['CREATE TABLE gift_cards (id uuid NOT NULL, code text)'],
    });
  });

  it('agree in what is allowed: no CHECK refuses what a DTO lets through', async () => {
    const dtos: DtoClass[] = [];
    for await (const path of glob('src/*/dto/*.dto.ts')) {
      const module: unknown = await import(`../${path}`);
      dtos.push(...Object.values(module ?? {}).filter((one): one is DtoClass => typeof one === 'function'));
    }

    expect(dtos.length).toBeGreaterThan(20);
    expect((await narrowChecks(await open(), dtos)).map(({ said }) => said)).toEqual([]);
  });

  it.each<[string, string, DtoClass, string]>([
    [
      'an enum has a value more',
      "state IN ('draft', 'open')",
      wishDtos().values,
      "CHECK (state IN ('draft', 'open', 'closed'))",
    ],
    ['a text may be longer', 'char_length(state) <= 5', wishDtos().length, 'CHECK (char_length(state) <= 8)'],
    ['a range is wider', 'rating BETWEEN 1 AND 5', wishDtos().range, 'CHECK (rating BETWEEN 0 AND 5)'],
  ])('differ when %s, and agree after the migration, and back', async (_, check, dto, wanted) => {
    const columns = {
      id: { type: 'uuid', primary: true },
      state: { type: 'text' },
      rating: { type: 'integer' },
    } as const;
    const dataSource = await open(new EntitySchema({ name: 'Wish', tableName: 'wishes', columns }));
    await dataSource.query(
      `CREATE TABLE wishes (id uuid PRIMARY KEY, state text, rating integer, CONSTRAINT wishes_valid CHECK (${check}))`,
    );

    const [narrow, ...others] = await narrowChecks(dataSource, [dto]);

    expect([narrow?.up, others]).toEqual([expect.stringContaining(wanted), []]);
    await dataSource.query(narrow?.up ?? '');
    expect(await narrowChecks(dataSource, [dto])).toEqual([]);
    await dataSource.query(narrow?.down ?? '');
    expect(await narrowChecks(dataSource, [dto])).toHaveLength(1);
  });

  it('differ by a column that an entity has more, and agree once it is there', async () => {
    const dataSource = await open(keysOf({ ...KEYS, note: { type: 'text', nullable: true } }));

    const differences = await differencesOf(dataSource);

    expect(differences).toEqual({
      up: ['ALTER TABLE idempotency_keys ADD COLUMN note text'],
      down: ['ALTER TABLE idempotency_keys DROP COLUMN note'],
      databaseOnly: expect.arrayContaining(['products', 'users']),
    });
    for (const statement of differences.up) await dataSource.query(statement);
    expect((await differencesOf(dataSource)).up).toEqual([]);
  });

  it('differ by types, nulls and defaults, whose rows stay', async () => {
    const changed: Record<string, EntitySchemaColumnOptions> = {
      status: { type: 'integer', default: 200 },
      body: { type: 'json' },
      headers: { type: 'json', nullable: true },
    };
    const dataSource = await open(keysOf({ ...KEYS, ...changed }));

    const { up, down } = await differencesOf(dataSource);

    expect(up.toSorted()).toEqual([
      'ALTER TABLE idempotency_keys ALTER COLUMN body SET NOT NULL',
      'ALTER TABLE idempotency_keys ALTER COLUMN headers DROP NOT NULL',
      "ALTER TABLE idempotency_keys ALTER COLUMN status SET DEFAULT '200'",
      'ALTER TABLE idempotency_keys ALTER COLUMN status TYPE integer USING status::integer',
    ]);
    for (const statement of up) await dataSource.query(statement);
    expect((await differencesOf(dataSource)).up).toEqual([]);
    for (const statement of down) await dataSource.query(statement);
    expect((await differencesOf(dataSource)).up.toSorted()).toEqual(up.toSorted());
  });

  it('agree on a column that no entity has, unless it is to be dropped', async () => {
    const { body: _body, ...others } = KEYS;
    const dataSource = await open(keysOf(others));

    expect(await differencesOf(dataSource)).toMatchObject({
      up: [],
      down: [],
      databaseOnly: expect.arrayContaining(['idempotency_keys.body']),
    });
    expect(await differencesOf(dataSource, ['idempotency_keys.body'])).toMatchObject({
      up: ['ALTER TABLE idempotency_keys DROP COLUMN body'],
      down: ['ALTER TABLE idempotency_keys ADD COLUMN body json'],
    });
    await expect(differencesOf(dataSource, ['idempotency_keys.key'])).rejects.toThrow('--drop idempotency_keys.key:');
  });

  it('differ by a table that an entity has more, whose constraints have names', async () => {
    const columns: Record<string, EntitySchemaColumnOptions> = {
      id: { type: 'uuid', primary: true },
      order: { type: 'text', unique: true },
    };
    const wishes = new EntitySchema({ name: 'Wish', tableName: 'wishes', columns });

    const { up, down } = await differencesOf(await open(wishes));

    expect(up).toEqual([
      'CREATE TABLE wishes (id uuid NOT NULL, "order" text NOT NULL, CONSTRAINT wishes_order_unique UNIQUE ("order"), CONSTRAINT wishes_pk PRIMARY KEY (id))',
    ]);
    expect(down).toEqual(['DROP TABLE wishes']);
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  let opened: StockroomDataSource;
  afterEach(async () => {
    await opened.destroy();
    await database.drop();
  });
  const open = async (
    settings: Partial<Config> = {},
    ...migrations: (new () => MigrationInterface)[]
  ): Promise<void> => {
    database = await createTestDatabase(settings);
    opened = new StockroomDataSource(Object.assign({}, database.options, migrations.length > 0 && { migrations }));
    await opened.initialize();
  };

  it('can be reverted down to nothing, and applied again', async () => {
    await open({ databasePoolSize: 1 });
    const count = opened.migrations.length;
    const left = (): Promise<unknown> =>
      opened.query(`
        SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relname NOT LIKE 'migrations%' AND c.relname NOT LIKE 'typeorm_metadata%'
        UNION ALL SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
          SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typrelid = 0
          AND t.typelem = 0 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
        UNION ALL SELECT c.cfgname FROM pg_ts_config c WHERE c.cfgnamespace = 'public'::regnamespace`);

    // as `npm run typeorm -- migration:revert` does
    for (let reverted = 0; reverted < count; reverted++) await opened.undoLastMigration();

    expect(await left()).toEqual([]);
    expect(await migrate(opened)).toHaveLength(count);
    expect(await differencesOf(opened)).toMatchObject({ up: [], down: [] });
  });

  it('leave products rated as they are, and count the ratings again on the way back', async () => {
    await open({ databasePoolSize: 1 });
    const [rated, unrated, user] = ['0', '1', '2'].map((n) => `0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a1${n}`);
    await opened.query(
      `INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status, rating_count, rating_sum, version)
       VALUES ($1, 'A', 'a', 'A', 1, 'GBP', 'active', 0, 0, 7), ($2, 'B', 'b', 'B', 1, 'GBP', 'active', 1, 4, 3)`,
      [rated, unrated],
    );
    await opened.query(`INSERT INTO users (id, email, name, roles) VALUES ($1, 'a@example.com', 'A', '{customer}')`, [
      user,
    ]);
    // neither the new review nor the deleted one has been handled
    await opened.query(
      `INSERT INTO reviews (id, owner_id, product_id, rating, title) VALUES (gen_random_uuid(), $1, $2, 5, 'Title')`,
      [user, rated],
    );
    const ratings = (): Promise<unknown> =>
      opened.query('SELECT id, rating_count AS count, rating_sum AS sum, version FROM products ORDER BY id');

    const names = await opened.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
    const first = names.findIndex(({ name }) => name.startsWith('RatingsByEvents'));
    for (let left = names.length; left > first; left--) await opened.undoLastMigration();
    const counted = [
      { id: rated, count: 1, sum: 5, version: 7 },
      { id: unrated, count: 0, sum: 0, version: 3 },
    ];
    expect(await ratings()).toEqual(counted);
    await migrate(opened);
    expect(await ratings()).toEqual(counted);
  });

  it('refuse SKUs that differ in case alone, and say which', async () => {
    await open({ databasePoolSize: 1 });
    const [runner, migration] = [opened.createQueryRunner(), new SkusWithoutCase1763640094000()];
    const insert = (sku: string): Promise<unknown> =>
      runner.query(
        `INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status)
         VALUES (gen_random_uuid(), $1, $1, 'Lamp', 1, 'GBP', 'active')`,
        [sku],
      );
    await migration.down(runner);
    for (const sku of ['Ab-1', 'AB-1', 'C-1']) await insert(sku);

    await expect(migration.up(runner)).rejects.toThrow('These SKUs differ in case alone: AB-1, Ab-1. ');
    await runner.query(`UPDATE products SET sku = 'D-1' WHERE sku = 'Ab-1'`);
    await migration.up(runner);
    await expect(insert('ab-1')).rejects.toThrow('products_sku_unique');
    await runner.release();
  });

  it('move stock out of the products and back, each with its movements, and no product is another version', async () => {
    await open({ databasePoolSize: 1 });
    const revertInventory = async (): Promise<void> => {
      const names = await opened.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
      const first = names.findIndex(({ name }) => name.startsWith('Inventory'));
      for (let left = names.length; left > first; left--) await opened.undoLastMigration();
    };
    await revertInventory();
    const [counted, never] = ['0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10', '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11'];
    await opened.query(
      `INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status, on_hand, reserved, version)
       VALUES ($1, 'A', 'a', 'A', 1, 'GBP', 'active', 12, 2, 7), ($2, 'B', 'b', 'B', 1, 'GBP', 'active', 5, 0, 3)`,
      [counted, never],
    );
    await opened.query(
      `INSERT INTO stock_movements (id, product_id, delta, on_hand, reason, created_at)
       VALUES (gen_random_uuid(), $1, 10, 10, 'import', '2026-01-01Z'), (gen_random_uuid(), $1, 2, 12, 'Count', '2026-01-02Z')`,
      [counted],
    );

    await migrate(opened);

    expect(
      await opened.query('SELECT product_id AS id, on_hand, reserved, version FROM stock_levels ORDER BY id'),
    ).toEqual([
      { id: counted, on_hand: 12, reserved: 2, version: 1 },
      { id: never, on_hand: 5, reserved: 0, version: 1 },
    ]);
    expect(
      await opened.query(
        'SELECT product_id AS id, delta, on_hand, cause, reason FROM stock_movements ORDER BY created_at',
      ),
    ).toEqual([
      { id: counted, delta: 10, on_hand: 10, cause: 'import', reason: 'import' },
      { id: counted, delta: 2, on_hand: 12, cause: 'adjustment', reason: 'Count' },
      { id: never, delta: 5, on_hand: 5, cause: 'adjustment', reason: 'stock without movements' },
    ]);

    await revertInventory();

    expect(await opened.query('SELECT id, on_hand, reserved, version FROM products ORDER BY id')).toEqual([
      { id: counted, on_hand: 12, reserved: 2, version: 7 },
      { id: never, on_hand: 5, reserved: 0, version: 3 },
    ]);
    expect(await opened.query('SELECT count(*) AS count FROM stock_movements')).toEqual([{ count: 3 }]);
  });

  if (process.env.TEST_DATABASE_URL) {
    it('may take longer than a request, and after them requests have their limits again', async () => {
      class Slow1900000000000 implements MigrationInterface {
        up = (runner: QueryRunner): Promise<unknown> => runner.query('SELECT pg_sleep(4)');
        down = (): Promise<unknown> => Promise.resolve();
      }
      await open({ databasePoolSize: 1, databaseStatementTimeout: 100 }, Slow1900000000000);

      expect(await migrate(opened)).toEqual(['Slow1900000000000']);
      await expect(opened.query('SELECT pg_sleep(1)')).rejects.toThrow('statement timeout');
    });

    it('wait for a lock for a moment only, and try again', async () => {
      class Locking1900000000000 implements MigrationInterface {
        static attempts = 0;
        async up(runner: QueryRunner): Promise<void> {
          // the other transaction releases the table once the migration has had to give up
          if (++Locking1900000000000.attempts === 2) await holder.rollbackTransaction();
          await runner.query('ALTER TABLE idempotency_keys ADD COLUMN note text');
        }
        down = (): Promise<unknown> => Promise.resolve();
      }
      await open({}, Locking1900000000000);
      const holder = opened.createQueryRunner();
      await holder.startTransaction();
      await holder.query('SELECT FROM idempotency_keys');

      expect(await migrate(opened, { statement: 0, lock: 200 })).toEqual(['Locking1900000000000']);
      expect(Locking1900000000000.attempts).toBe(2);
      await holder.release();
    });
  }
});

describe('a migration that is drawn', () => {
  const draw = async (tree: Tree, name: string): Promise<void> => {
    const up = ['CREATE TABLE wishes (id uuid, "order" text DEFAULT \'a, (b\')', 'DROP TABLE wants'];
    await migration({ name, up, down: ['DROP TABLE wishes'], timestamp: '1800000000000' })(
      tree,
      {} as SchematicContext,
    );
  };

  it('reads like one that a person wrote', async () => {
    const tree = new HostTree();

    await draw(tree, 'wishes-of-users');

    const path = 'src/migrations/1800000000000-wishes-of-users.ts';
    expect(tree.readText(path).split('\n')).toEqual([
      "import type { MigrationInterface, QueryRunner } from 'typeorm';",
      '',
      'export class WishesOfUsers1800000000000 implements MigrationInterface {',
      '  async up(runner: QueryRunner): Promise<void> {',
      '    await runner.query(`',
      '      CREATE TABLE wishes (',
      '        id uuid,',
      '        "order" text DEFAULT \'a, (b\'',
      '      )`);',
      "    await runner.query('DROP TABLE wants');",
      '  }',
      '',
      '  async down(runner: QueryRunner): Promise<void> {',
      "    await runner.query('DROP TABLE wishes');",
      '  }',
      '}',
      '',
    ]);
  });

  it.each([
    ['Wishes', /no name for a migration/],
    ['../wishes', /no name for a migration/],
    ['users', /1763640000000-users\.ts is called users already/],
  ])('is not called %s, and then not written', async (name, words) => {
    const tree = new HostTree();
    tree.create('src/migrations/1763640000000-users.ts', '');

    const refused = draw(tree, name);

    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(words);
    expect(tree.getDir('src/migrations').subfiles).toHaveLength(1);
  });
});
