import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { StartError } from '../config/start-error.js';
import { PARTS as parts } from './embedded-engine.js';
import { type EmbeddedLocation, embeddedPostgres } from './embedded-postgres.js';

describe('the embedded engine', () => {
  let folder: string;
  /** Of the engines that tests open and close. */
  let own: string;
  let pool: pg.Pool;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-engine-'));
    own = await mkdtemp(join(tmpdir(), 'stockroom-engine-'));
    pool = new (embeddedPostgres(folder).Pool)({});
    await pool.query('CREATE TABLE counters (id integer PRIMARY KEY, value integer NOT NULL)');
    await pool.query('INSERT INTO counters VALUES (1, 0)');
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true });
    await rm(own, { recursive: true });
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

  it('begins a session with nothing of the previous one, in whichever state it ended', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query({ name: 'kept', text: 'SELECT 1' });
    await client.query('UPDATE counters SET value = -1');
    client.release(true);

    expect((await pool.query('SELECT value FROM counters')).rows).not.toEqual([{ value: -1 }]);
    expect((await pool.query({ name: 'kept', text: 'SELECT 2 AS two' })).rows).toEqual([{ two: 2 }]);
  });

  it('that ends inside a statement fails what was asked, and goes on with all that was committed', async () => {
    let [time, ends] = [0, false];
    const create = async (location: EmbeddedLocation): Promise<PGlite> => {
      const db = await parts.create(location);
      const once = db.Module._PostgresMainLoopOnce;
      db.Module._PostgresMainLoopOnce = () => {
        if (ends) throw new Error('unreachable');
        once();
      };
      return db;
    };
    const engine = new (embeddedPostgres(own, { ...parts, create, now: () => time }).Pool)({});
    await engine.query('CREATE TABLE ended AS SELECT 7 AS value');
    const client = await engine.connect();
    await client.query('BEGIN');
    await client.query('UPDATE ended SET value = 8');

    ends = true;
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '57P02' });
    client.release(true);
    await expect(engine.query('SELECT 1')).rejects.toMatchObject({ code: '57P02' });

    [time, ends] = [2000, false];
    expect((await engine.query('SELECT value FROM ended')).rows).toEqual([{ value: 7 }]);
    await engine.end();
  });

  it('refuses what is asked while the disk is full, says so, and goes on when there is space', async () => {
    let [free, time] = [1e9, 0];
    const engine = new (embeddedPostgres(own, { ...parts, freeBytes: () => free, now: () => (time += 1000) }).Pool)({});
    await engine.query('CREATE TABLE full_disk AS SELECT 7 AS value');
    const client = await engine.connect();
    await client.query('BEGIN');
    await client.query('UPDATE full_disk SET value = 8');

    free = 10 * 1024 * 1024;
    const refusal = { code: '53100', message: expect.stringContaining('is full: 10 MiB are free, 32 MiB are needed') };
    await expect(client.query('COMMIT')).rejects.toMatchObject(refusal);
    client.release(true);
    await expect(engine.query('SELECT 1')).rejects.toMatchObject(refusal);

    free = 1e9;
    expect((await engine.query('SELECT value FROM full_disk')).rows).toEqual([{ value: 7 }]);
    await engine.end();
  });

  it('keeps its log from growing, however much is written', async () => {
    let time = 0;
    const engine = new (embeddedPostgres(own, { ...parts, now: () => (time += 1000) }).Pool)({});
    await engine.query(
      `CREATE TABLE written AS SELECT id, repeat('x', 1000) AS value FROM generate_series(1, 20000) id`,
    );
    for (let written = 0; written < 12; written++) await engine.query('UPDATE written SET id = id + 1');

    // 12 times 24 MiB are written; two checkpoints are 64 MiB apart, and what is between them has to be kept
    expect((await engine.query('SELECT sum(size) < 192 * 1024 * 1024 AS kept FROM pg_ls_waldir()')).rows).toEqual([
      { kept: true },
    ]);
    await engine.end();
  });

  it('refuses a folder that another engine has, saying what to do', async () => {
    const second = new (embeddedPostgres(folder).Pool)({});

    await expect(second.query('SELECT 1')).rejects.toThrow(/in use by another process.*DATA_DIR.*DATABASE_URL/);
    await second.end();
  });

  it('gives the folder back when it is closed, and keeps what is in it', async () => {
    const first = new (embeddedPostgres(own).Pool)({});
    await first.query('CREATE TABLE kept AS SELECT 7 AS value');
    await first.end();
    const second = new (embeddedPostgres(own).Pool)({});

    expect((await second.query('SELECT value FROM kept')).rows).toEqual([{ value: 7 }]);
    await second.end();
  });

  it('refuses a folder that can’t be made, saying which', async () => {
    const pool = new (embeddedPostgres(join(folder, 'postgres', 'PG_VERSION', 'below')).Pool)({});

    await expect(pool.query('SELECT 1')).rejects.toThrow(StartError);
    await expect(pool.query('SELECT 1')).rejects.toThrow(/PG_VERSION.*can't be written \(ENOTDIR\)/);
  });
});
