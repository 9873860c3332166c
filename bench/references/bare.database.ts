import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, pipeline: true });
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

/** What a transaction ends with, without waiting for the answers to what was sent before COMMIT. */
export interface Ending<T> {
  result: T;
  /** What is not waited for. */
  last: Promise<unknown>[];
}

/**
 * Runs prepared statements in one transaction, in as few ways to the server and back as possible: `work` sends together what does
 * not need the answers of each other, BEGIN travels with the first of it, and COMMIT with the last.
 */
export async function pipeline<T>(work: (run: typeof query) => Promise<Ending<T>>): Promise<T> {
  const client = await pool.connect();
  const stream = client.connection.stream;
  let corked = false;
  const together = (): void => {
    if (corked) return;
    corked = true;
    stream.cork();
    process.nextTick(() => {
      corked = false;
      stream.uncork();
    });
  };
  try {
    together();
    const begun = client.query('BEGIN');
    const { result, last } = await work(async <Row extends object>(text: string, values: unknown[]) => {
      together();
      return (await client.query<Row>({ name: nameOf(text), text, values })).rows;
    });
    const [{ command }] = await Promise.all([client.query('COMMIT'), begun, ...last]);
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
