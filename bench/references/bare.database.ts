import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const names = new Map<string, string>();

/** The name that a statement is prepared by: one for each text. */
function nameOf(text: string): string {
  const name = names.get(text) ?? `statement-${String(names.size)}`;
  names.set(text, name);
  return name;
}

/** Runs a prepared statement. */
export async function query<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
  return (await pool.query<Row>({ name: nameOf(text), text, values })).rows;
}

/** Runs prepared statements in one transaction. */
export async function transaction<T>(work: (run: typeof query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(
      async <Row extends object>(text: string, values: unknown[]) =>
        (await client.query<Row>({ name: nameOf(text), text, values })).rows,
    );
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
