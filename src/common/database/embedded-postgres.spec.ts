import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { StartError } from '../config/start-error.js';
import { embeddedPostgres } from './embedded-postgres.js';

describe('the embedded engine', () => {
  let folder: string;
  let pool: pg.Pool;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-engine-'));
    pool = new (embeddedPostgres(folder).Pool)({});
    await pool.query('CREATE TABLE counters (id integer PRIMARY KEY, value integer NOT NULL)');
    await pool.query('INSERT INTO counters VALUES (1, 0)');
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true });
  });

  it('reports errors as a server does, and goes on', async () => {
    await expect(pool.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('loses no update of transactions that begin at once', async () => {
    const increment = async (): Promise<void> => {
      const client = await pool.connect();
      await client.query('BEGIN');
      const { rows } = await client.query<{ value: number }>('SELECT value FROM counters WHERE id = 1');
      await client.query('UPDATE counters SET value = $1 WHERE id = 1', [(rows[0]?.value ?? 0) + 1]);
      await client.query('COMMIT');
      client.release();
    };
    await Promise.all(Array.from({ length: 50 }, increment));

    expect((await pool.query('SELECT value FROM counters')).rows).toEqual([{ value: 50 }]);
  });

  it('refuses a folder that another engine has, saying what to do', async () => {
    const second = new (embeddedPostgres(folder).Pool)({});

    await expect(second.query('SELECT 1')).rejects.toThrow(/in use by another process.*DATA_DIR.*DATABASE_URL/);
    await second.end();
  });

  it('gives the folder back when it is closed, and keeps what is in it', async () => {
    const own = await mkdtemp(join(tmpdir(), 'stockroom-engine-'));
    const first = new (embeddedPostgres(own).Pool)({});
    await first.query('CREATE TABLE kept AS SELECT 7 AS value');
    await first.end();
    const second = new (embeddedPostgres(own).Pool)({});

    expect((await second.query('SELECT value FROM kept')).rows).toEqual([{ value: 7 }]);
    await second.end();
    await rm(own, { recursive: true });
  });

  it('refuses a folder that can’t be made, saying which', async () => {
    const pool = new (embeddedPostgres(join(folder, 'postgres', 'PG_VERSION', 'below')).Pool)({});

    await expect(pool.query('SELECT 1')).rejects.toThrow(StartError);
    await expect(pool.query('SELECT 1')).rejects.toThrow(/PG_VERSION.*can't be written \(ENOTDIR\)/);
  });
});
