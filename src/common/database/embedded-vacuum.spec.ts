import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Config } from '../config/config.js';
import { EMPTY, embeddedPostgres } from './embedded-postgres.js';
import { EmbeddedVacuum } from './embedded-vacuum.js';
import { StockroomDataSource } from './transactions.js';

describe('EmbeddedVacuum', () => {
  let dataSource: StockroomDataSource;
  let vacuum: EmbeddedVacuum;
  beforeAll(async () => {
    dataSource = new StockroomDataSource({
      type: 'postgres',
      driver: embeddedPostgres(EMPTY),
      poolSize: 1,
      installExtensions: false,
    });
    await dataSource.initialize();
    vacuum = new EmbeddedVacuum(dataSource, new Config());
    await dataSource.query('CREATE TABLE "Changed often" AS SELECT id, 1 AS value FROM generate_series(1, 2000) id');
    await dataSource.query('CREATE TABLE kept AS SELECT id, 1 AS value FROM generate_series(1, 2000) id');
  });
  afterAll(() => dataSource.destroy());

  const update = async (): Promise<void> => {
    await dataSource.query('UPDATE "Changed often" SET value = value + 1');
    await dataSource.query('SELECT pg_stat_force_next_flush()');
  };
  const pages = async (): Promise<unknown> => dataSource.query(`SELECT pg_relation_size('"Changed often"') AS bytes`);

  it('vacuums the tables with many dead rows, and no others', async () => {
    await update();

    expect(await vacuum.vacuum()).toEqual(['"Changed often"']);
    expect(await vacuum.vacuum()).toEqual([]);
  });

  it('keeps a table from growing', async () => {
    const before = await pages();
    for (let time = 0; time < 5; time++) {
      await update();
      await vacuum.vacuum();
    }

    expect(await pages()).toEqual(before);
  });

  it('leaves the connection to requests that wait for it', async () => {
    await update();
    const waiting = [1, 2, 3].map(() => dataSource.query('SELECT 1'));

    expect(await vacuum.vacuum()).toEqual([]);
    await Promise.all(waiting);
  });
});
