import type { DataSource } from 'typeorm';
import { StartError } from '../config/start-error.js';

/** PostgreSQL 15. */
const MIN_VERSION = 150_000;

/**
 * Sees that a database can be used, whichever locale it has.
 * @throws StartError that says what to do where its version, its encoding or an extension is missing.
 */
export async function requireDatabase(dataSource: DataSource): Promise<void> {
  const [found] = await dataSource.query<{ version: number; release: string; encoding: string; trigrams: boolean }[]>(
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_version') AS release,
       current_setting('server_encoding') AS encoding,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS trigrams`,
  );
  if (!found) throw new Error('the database did not say what it is');
  if (found.version < MIN_VERSION) {
    throw new StartError(`The server is PostgreSQL ${found.release}: use PostgreSQL 15 or newer.`);
  }
  if (found.encoding !== 'UTF8') {
    throw new StartError(
      `The database has the encoding ${found.encoding}: create one with "createdb --template=template0 --encoding=UTF8".`,
    );
  }
  if (!found.trigrams) {
    throw new StartError('The server lacks the extension pg_trgm: install the contrib package of PostgreSQL.');
  }
}
