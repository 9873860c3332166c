import type { DataSource } from 'typeorm';
import { StartError } from '../config/start-error.js';

/** PostgreSQL 15. */
const MIN_VERSION = 150_000;

/**
 * Sees that a database can be used, whichever locale it has.
 * @throws StartError that says what to do where its version, its encoding or an extension is missing, or ICU is.
 */
export async function requireDatabase(dataSource: DataSource): Promise<void> {
  const [found] = await dataSource.query<
    { version: number; release: string; encoding: string; trigrams: boolean; icu: boolean }[]
  >(
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_version') AS release,
       current_setting('server_encoding') AS encoding,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS trigrams,
       EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') AS icu`,
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
  if (!found.icu) {
    throw new StartError('The database lacks the collation und-x-icu: use a PostgreSQL that is built with ICU.');
  }
}
