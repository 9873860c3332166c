import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/common/database/data-source.js';
import { ensureMigrated, migrate } from '../src/common/database/migrate.js';
import { useSearchLanguage } from '../src/common/database/search-language.js';
import { ProductsBulkService } from '../src/products/products.bulk.service.js';
import { testConfig } from './support/database.js';
import { Shop } from './support/shop.js';

describe('the language of the search', () => {
  let shop: Shop;
  let database: DataSource;
  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(DataSource);
    const names = ['Haus', 'Häuser', 'Lanterns', 'Der Stuhl', 'Größere Straßen', 'Чашки чайные'];
    // more rows than are indexed again in one statement
    const more = Array.from({ length: 600 }, (_, index) => `Kerze ${String(index)}`);
    const goods = [...names, ...more].map((name, index) => ({
      sku: `S-${String(index)}`,
      name,
      price: { amount: 1, currency: 'GBP' },
    }));
    await shop.app.get(ProductsBulkService).upsertMany(goods);
  });
  afterAll(() => shop.close());

  /** What has the words, without what is only like them. */
  const namesFor = async (q: string): Promise<string[]> => {
    const rows = await database.query<{ name: string }[]>(
      'SELECT name FROM products WHERE search @@ search_query($1) ORDER BY name COLLATE "C"',
      [q],
    );
    return rows.map(({ name }) => name);
  };
  const versions = (): Promise<unknown> => database.query('SELECT id, version, updated_at FROM products ORDER BY id');

  it('is English unless another one is configured', async () => {
    expect(await useSearchLanguage(database, 'english')).toBe(false);
    expect(await namesFor('lantern')).toEqual(['Lanterns']);
    expect(await namesFor('häusern')).toEqual([]);
  });

  it('is changed in a shop that has products: all are indexed again, and no version changes', async () => {
    const before = await versions();
    expect(await useSearchLanguage(database, 'german')).toBe(true);

    expect(await namesFor('häusern')).toEqual(['Haus', 'Häuser']);
    expect(await namesFor('der stuhls')).toEqual(['Der Stuhl']);
    expect(await namesFor('straße')).toEqual(['Größere Straßen']);
    expect(await namesFor('kerzen')).toHaveLength(600);
    expect(await versions()).toEqual(before);
    expect(await useSearchLanguage(database, 'german')).toBe(false);
  });

  it('goes on where a change was cut off', async () => {
    const query = database.query.bind(database);
    const failing: DataSource['query'] = async (text, ...rest) => {
      if (text.includes('SET search = DEFAULT')) throw new Error('cut off');
      return query(text, ...rest);
    };
    database.query = failing;
    await expect(useSearchLanguage(database, 'russian')).rejects.toThrow('cut off');
    database.query = query;

    expect(await useSearchLanguage(database, 'russian')).toBe(true);
    expect(await namesFor('чашка')).toEqual(['Чашки чайные']);
    // as PostgreSQL has it: words of ASCII letters are English there
    expect(await namesFor('lantern')).toEqual(['Lanterns']);
  });

  it('is none where it is simple', async () => {
    await useSearchLanguage(database, 'simple');

    expect(await namesFor('lanterns')).toEqual(['Lanterns']);
    expect(await namesFor('чашка')).toEqual([]);
  });

  it('has to be known to the database', async () => {
    await expect(useSearchLanguage(database, 'klingon')).rejects.toThrow(
      /^SEARCH_LANGUAGE is klingon, which the database does not know: choose one of arabic, armenian, .*, yiddish\.$/,
    );
  });

  it('is changed by the migration step in production', async () => {
    const production = testConfig({ nodeEnv: 'production', searchLanguage: 'french' });

    await expect(ensureMigrated(production, database)).rejects.toThrow(
      'SEARCH_LANGUAGE is french, and the database is indexed in simple: run `npm run db:migrate` first.',
    );
    await useSearchLanguage(database, 'french');
    await expect(ensureMigrated(production, database)).resolves.toBeUndefined();
  });
});

const server = process.env.TEST_DATABASE_URL;
if (server) {
  describe('a database', () => {
    /** Does something in a database with a locale of its own. */
    async function within<T>(locale: string, work: (database: DataSource) => Promise<T>): Promise<T> {
      const name = `stockroom_locale_${randomUUID().replaceAll('-', '')}`;
      const admin = await new DataSource({ type: 'postgres', url: server }).initialize();
      await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ${locale}`);
      const url = new URL(server ?? '');
      url.pathname = name;
      const database = new DataSource(await dataSourceOptions(testConfig({ databaseUrl: url.href })));
      try {
        return await work(await database.initialize());
      } finally {
        await database.destroy();
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        await admin.destroy();
      }
    }

    const TEXTS = [
      'IRMAK ISI',
      'İSTANBUL',
      'Œuvre Ωμέγα ΜΥΛΟΣ',
      'ГРИЛЬ Ёлка',
      'चाय पत्ती',
      '新商品入荷 ﬁ 🎁',
      'Ætna, naïve & co. 2.5',
    ];

    it('has the same words in every locale', async () => {
      const words = (locale: string): Promise<object[]> =>
        within(locale, async (database) => {
          await migrate(database);
          return database.query<object[]>(
            `SELECT search_vector(text, 'A')::text AS name, search_vector(text, 'C')::text AS description,
               search_tiers(text)::text AS tiers, search_plain(text) AS plain FROM unnest($1::text[]) text`,
            [TEXTS],
          );
        });
      const [turkish, none, unicode] = [
        await words("ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'tr'"),
        await words("ENCODING 'UTF8' LOCALE 'C'"),
        await words("ENCODING 'UTF8' LOCALE 'C.UTF-8'"),
      ];

      expect(turkish).toEqual(unicode);
      expect(none).toEqual(unicode);
      expect(unicode).toHaveLength(TEXTS.length);
    });

    it('in another encoding than UTF-8 stops the start, which says what to do', async () => {
      await within("ENCODING 'LATIN1' LOCALE 'C'", async (database) => {
        await expect(ensureMigrated(testConfig({ databaseUrl: server }), database)).rejects.toThrow(
          'The database has the encoding LATIN1: create one with "createdb --template=template0 --encoding=UTF8".',
        );
      });
    });
  });
}
