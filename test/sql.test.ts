import { randomUUID } from 'node:crypto';
import { access, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pluralize from 'pluralize';
import { DataSource } from 'typeorm';
import { Retention } from '../src/common/background/retention.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { settled } from './support/accounts.js';
import { DOCUMENT } from './support/document.js';
import { exampleOf } from './support/examples.js';
import { type SeenMethod, watchRepositories } from './support/repositories.js';
import { Shop } from './support/shop.js';
import { type Asker, Stock } from './support/stock.js';

/** What a review reads: the statements of each method of a feature's repositories. */
const FOLDER = 'test/sql';

const operations = locatedOperationsOf(DOCUMENT);

describe('the SQL of repositories', () => {
  let shop: Shop;
  const seen = new Map<string, SeenMethod[]>();
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
    for (const method of watchRepositories(shop))
      seen.set(method.feature, [...(seen.get(method.feature) ?? []), method]);
    const stock = new Stock(shop);
    for (const located of operations) {
      stock.forget();
      const role: Asker = located.operation['x-access'] === 'public' ? 'nobody' : 'admin';
      const { path, headers, ...ask } = await exampleOf(located, stock, role);
      const token = await stock.tokenOf(role);
      for (const [query, more] of variantsOf(located)) {
        await shop.ask(`${path}${query}`, { ...ask, token, headers: { ...headers, ...more } });
      }
    }
    await settled(shop);
    await shop.app.get(Retention).sweep();
    // which a job does that takes long, as on a busy machine
    await shop.app.get(JobsRepository).renew({ id: randomUUID(), leaseId: randomUUID() }, new Date());
  });
  afterAll(() => shop.close());

  it('is in test/sql/, a file each feature', async () => {
    const different: string[] = [];
    for (const [feature, methods] of seen) {
      const [path, text] = [join(FOLDER, `${feature}.sql`), textOf(methods)];
      const known = await readFile(path, 'utf8').catch(() => undefined);
      if (known === undefined && !process.env.CI) await write(path, text);
      else if (known !== text && !(process.env.TEST_DATABASE_URL && isPartOf(text, known ?? ''))) {
        await write(join('generated', 'sql', `${feature}.sql`), text);
        different.push(path);
      }
    }

    // read the difference; if it is meant: cp generated/sql/* test/sql/
    expect(different).toEqual([]);
    await access(join(FOLDER, 'products.sql'));
  });
});

/** How else an operation is asked: by each sort of a list, by a client that has a version already, with a key. */
function variantsOf({ method, operation }: Located): [query: string, headers: Record<string, string>][] {
  const parameters = (operation.parameters ?? []).flatMap((one) => ('in' in one ? [one] : []));
  const sorts = parameters.flatMap(({ name, schema }) =>
    name === 'sort' && schema && 'enum' in schema ? ((schema.enum ?? []) as string[]) : [],
  );
  const isCounted = parameters.some(({ name }) => name === 'include');
  const isKeyed = parameters.some(({ name }) => name === 'Idempotency-Key');
  return [
    ['', isKeyed ? { 'idempotency-key': randomUUID() } : {}],
    ...(method === 'get' ? [['', { 'if-none-match': '"0"' }] as [string, Record<string, string>]] : []),
    ...sorts.map((sort): [string, Record<string, string>] => [`?sort=${sort}`, {}]),
    ...(isCounted ? [['?include=total', {}] as [string, Record<string, string>]] : []),
  ];
}

/** Statements under the methods that send them. */
function textOf(methods: readonly SeenMethod[]): string {
  const sorted = methods.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const sending = sorted.filter(({ statements }) => statements.size > 0);
  const others = sorted.filter(({ statements }) => statements.size === 0).map(({ name }) => `-- ${name}\n`);
  const parts = sending.map(
    ({ name, statements }) => `-- ${name}\n${[...statements].sort().map(inLines).join('\n')}\n`,
  );
  return [
    ...parts,
    ...(others.length > 0 ? [`-- What the test does not call by itself:\n${others.join('')}`] : []),
  ].join('\n');
}

const WORDS =
  /^(?:FROM|WHERE|ORDER BY|LIMIT|SET|VALUES|ON CONFLICT|RETURNING|UNION ALL|LEFT JOIN|CROSS JOIN|JOIN|SELECT|UPDATE|INSERT INTO|DELETE FROM)\b/;

/** What is one with the word behind it: LEFT JOIN, FOR UPDATE, DO UPDATE, DELETE FROM. */
const BOUND = /^(?:LEFT|CROSS|FOR|KEY|DO|DELETE)$/;

/** A statement in lines that begin with its main words, but for what is in parentheses. */
function inLines(statement: string): string {
  let depth = 0;
  const words = statement.split(' ').map((word, at, all) => {
    const isMain = depth === 0 && WORDS.test(all.slice(at, at + 2).join(' ')) && !BOUND.test(all[at - 1] ?? 'FOR');
    depth += (word.match(/\(/g) ?? []).length - (word.match(/\)/g) ?? []).length;
    return isMain ? `\n  ${word}` : at > 0 ? ` ${word}` : word;
  });
  return `${words.join('')};`;
}

/** Whether all lines are known: the embedded engine is asked more than a server, such as how much a search finds. */
const isPartOf = (text: string, known: string): boolean => {
  const lines = new Set(known.split('\n'));
  return text.split('\n').every((line) => lines.has(line) || line.startsWith('--'));
};

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
}

describe('the triggers of tables', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterAll(() => shop.close());

  it('write tables of their own feature alone', async () => {
    expect(await foreignWrites(shop)).toEqual([]);
  });

  it('are found when they write those of another one', async () => {
    const database = shop.app.get(DataSource);
    await database.query(`CREATE FUNCTION greets() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE users SET name = 'Hello' WHERE id = NEW.owner_id; RETURN NEW; END $$`);
    await database.query('CREATE TRIGGER greets AFTER INSERT ON reviews FOR EACH ROW EXECUTE FUNCTION greets()');

    expect(await foreignWrites(shop)).toEqual(['greets of reviews writes users']);
  });
});

/** The triggers that write a table of another feature, by what their functions say. */
async function foreignWrites(shop: Shop): Promise<string[]> {
  const triggers = await shop.app.get(DataSource).query<{ name: string; table: string; body: string }[]>(
    `SELECT t.tgname AS name, t.tgrelid::regclass::text AS table, p.prosrc AS body
     FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1, 2`,
  );
  const owners = await ownersOfTables();
  const ownerOf = (table: string): string | undefined =>
    owners.get(table) ?? [...owners].find(([other]) => table.startsWith(`${pluralize.singular(other)}_`))?.[1];
  return triggers.flatMap(({ name, table, body }) =>
    Array.from(body.matchAll(/\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/g), ([, written = '']) => written)
      .filter((written) => ownerOf(written) !== undefined && ownerOf(written) !== ownerOf(table))
      .map((written) => `${name} of ${table} writes ${written}`),
  );
}

/** Whose each table is: the feature that has its entity; one without an entity begins with the name of one that has. */
async function ownersOfTables(): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for await (const path of glob('src/*/**/*.entity.ts')) {
    const [, feature = ''] = /src[\\/](\w[\w-]*)/.exec(path) ?? [];
    for (const [, table = ''] of (await readFile(path, 'utf8')).matchAll(/@Entity\(\s*'(\w+)'/g))
      owners.set(table, feature);
  }
  return owners;
}
