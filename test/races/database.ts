import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { StartError } from '../../src/common/config/start-error.js';

/** The database of one run of the races, which nobody else uses. */
export class RacesDatabase {
  private dropping?: Promise<void>;

  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly admin: pg.Client,
    private readonly pool: pg.Pool,
  ) {}

  /** Creates one, empty, on the server that `TEST_DATABASE_URL` names. @throws StartError without a server. */
  static async create(server: string | undefined): Promise<RacesDatabase> {
    if (!server) {
      throw new StartError(
        'TEST_DATABASE_URL is missing: the races need a PostgreSQL server, such as postgres://user:password@127.0.0.1:5432/postgres.',
      );
    }
    const admin = new pg.Client({ connectionString: server });
    await admin.connect();
    const name = `stockroom_races_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    // the next query reports a connection that is lost
    pool.on('error', () => undefined);
    return new RacesDatabase(url, name, admin, pool);
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  /** How many deadlocks the server has resolved in it. */
  async countDeadlocks(): Promise<number> {
    const { rows } = await this.admin.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = $1',
      [this.name],
    );
    return Number(rows[0]?.deadlocks ?? 0);
  }

  /** Drops it; a second call waits for the first one. */
  drop(): Promise<void> {
    this.dropping ??= this.dropOnce();
    return this.dropping;
  }

  private async dropOnce(): Promise<void> {
    await this.pool.end();
    await this.admin.query(`DROP DATABASE ${this.name} WITH (FORCE)`);
    await this.admin.end();
  }
}
