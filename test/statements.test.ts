import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { mapConstraintErrors } from '../src/common/database/constraints.js';
import { queryShared, run } from '../src/common/database/statements.js';
import { RolledBack, StockroomDataSource, Transactions } from '../src/common/database/transactions.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

describe('statements', () => {
  let database: TestDatabase;
  let dataSource: StockroomDataSource;
  let transactions: Transactions;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new StockroomDataSource(database.options).initialize();
    transactions = new Transactions(dataSource);
    await dataSource.query('CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL)');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const write = (id: number, text: string): Promise<unknown> =>
    run(dataSource.manager, sql`INSERT INTO notes (id, text) VALUES (${id}, ${text})`);
  const textOf = async (id: number): Promise<string | undefined> =>
    (await queryShared<{ text: string }>(dataSource.manager, sql`SELECT text FROM notes WHERE id = ${id}`))[0]?.text;

  it('that look something up see what their transaction wrote', async () => {
    const refused = transactions.run(async () => {
      await write(1, 'not to stay');
      expect(await textOf(1)).toBe('not to stay');
      throw new Error('undone');
    });

    await expect(refused).rejects.toThrow('undone');
    expect(await textOf(1)).toBeUndefined();
  });

  it.each([true, false])('that change rows give those that they return, in a transaction: %s', async (isInside) => {
    const note = isInside ? 11 : 12;
    await write(note, 'first');
    const change = (id: number): Promise<{ text: string }[]> =>
      run(dataSource.manager, sql`UPDATE notes SET text = 'second' WHERE id = ${id} RETURNING text`);

    const answers = async (): Promise<unknown> => [await change(note), await change(13)];

    expect(await (isInside ? transactions.run(answers) : answers())).toEqual([[{ text: 'second' }], []]);
  });

  it('that are sent together each get their own answer', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => write(1000 + index, `note ${String(index)}`)));

    const texts = await Promise.all(Array.from({ length: 200 }, (_, index) => textOf(1000 + index)));

    expect(texts).toEqual(Array.from({ length: 200 }, (_, index) => `note ${String(index)}`));
  });

  it('that fail do not harm those that are sent with them', async () => {
    await write(2, 'here');

    const outcomes = await Promise.allSettled(
      [1, 0, 1, 0].map((divisor) =>
        queryShared<{ text: string }>(
          dataSource.manager,
          sql`SELECT text FROM notes WHERE id = 2 / ${divisor}::integer`,
        ),
      ),
    );

    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed'))).toEqual([
      [{ text: 'here' }],
      'failed',
      [{ text: 'here' }],
      'failed',
    ]);
  });

  it('that are refused say by which constraint, in a transaction and outside of one', async () => {
    await write(4, 'there');
    const refused = async (work: () => Promise<unknown>): Promise<unknown> =>
      mapConstraintErrors({ notes_pkey: () => new Error('taken') }, work()).catch((error: unknown) => error);

    expect(await refused(() => write(4, 'again'))).toEqual(new Error('taken'));
    expect(await refused(() => transactions.run(() => write(4, 'again')))).toEqual(new Error('taken'));
  });

  it('begin with their transaction, also where it has none or is given up', async () => {
    await expect(transactions.run(() => Promise.resolve('nothing asked'))).resolves.toBe('nothing asked');
    await expect(transactions.run(() => Promise.reject(new Error('given up')))).rejects.toThrow('given up');
    await expect(transactions.run(() => write(1000, 'there already'))).rejects.toThrow('duplicate key');

    const now = sql`SELECT now()::text AS now`;
    const times = await Promise.all(
      Array.from({ length: 20 }, () =>
        transactions.run(async () => [await run(dataSource.manager, now), await run(dataSource.manager, now)]),
      ),
    );
    // the time of a transaction is when it began
    expect(times.map(([first]) => first)).toEqual(times.map(([, second]) => second));
    const ignoring = transactions.run(async () => {
      await write(3, 'kept');
      await expect(write(3, 'refused')).rejects.toThrow('duplicate key');
    });
    await expect(ignoring).rejects.toThrow(RolledBack);
    expect(await textOf(3)).toBeUndefined();
  });

  if (process.env.TEST_DATABASE_URL) {
    it('are prepared once in each connection, those of repositories too', async () => {
      await Promise.all(Array.from({ length: 50 }, () => textOf(2)));
      await transactions.run(async () => {
        await run(dataSource.manager, sql`SELECT ${1}::integer AS prepared_in_transactions`);

        const rows = await run<{ statement: string }>(
          dataSource.manager,
          sql`SELECT statement FROM pg_prepared_statements WHERE statement LIKE ${'%prepared_in_transactions'}`,
        );
        expect(rows).toHaveLength(1);
      });

      const [prepared] = await queryShared<{ times: number }>(
        dataSource.manager,
        sql`SELECT count(*) AS times FROM pg_prepared_statements WHERE statement LIKE ${'SELECT text FROM notes WHERE id = $1%'}`,
      );
      expect(prepared).toEqual({ times: 1 });
    });

    it('find a way again when their connections were cut', async () => {
      await textOf(2);

      await run(
        dataSource.manager,
        sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      // a statement that is sent before the news has arrived fails; a later one does not
      const ask = (): Promise<PromiseSettledResult<unknown>[]> =>
        Promise.allSettled(Array.from({ length: 8 }, () => textOf(2)));
      let answers = await ask();
      for (let tries = 0; tries < 100 && answers.some(({ status }) => status === 'rejected'); tries++)
        answers = await ask();

      expect(answers).toEqual(Array(8).fill({ status: 'fulfilled', value: 'here' }));
    });
  }
});
