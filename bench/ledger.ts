import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { StartError } from '../src/common/config/start-error.js';
import { startProgress } from '../src/common/cli/progress.js';
import type { Database } from './database.js';
import { cleanUp, median, startLoader } from './measure.js';
import { OPERATIONS, openWorld } from './operations.js';
import type { Options } from './options.js';
import { POST_TO_LEDGER } from './references/bare.ledger.js';
import { startServer } from './servers.js';

/** How many connections post to the ledger at the same time. */
const WRITERS = 16;

/** What the ledger costs. */
export interface LedgerCosts {
  /** The part of the database time of orders that are placed and paid that the ledger takes; undefined where the server does not say. */
  share?: number;
  /** Postings per second, medians of the rounds: all on one account, and each writer on its own. */
  onOneAccount: number;
  onOwnAccounts: number;
}

/** Measures the share of the ledger in the database time of orders, and whether postings to one account wait for each other. */
export async function measureLedger(options: Options, database: Database): Promise<LedgerCosts> {
  const share = await shareOf(options, database);
  const progress = startProgress({ label: 'Posting', total: 2 * (options.rounds + 1), unit: 'runs' });
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => connect(database.url)));
  const [one, own]: [number[], number[]] = [[], []];
  let done = 0;
  try {
    // the first round adds the accounts
    for (let round = 0; round <= options.rounds; round++) {
      for (const [rates, accountOf] of [
        [one, () => 'revenue'],
        [own, (writer: number) => `revenue ${String(writer)}`],
      ] as const) {
        const posted = await Promise.all(
          clients.map((client, writer) => post(client, accountOf(writer), options.duration)),
        );
        const rate = posted.reduce((sum, count) => sum + count, 0) / options.duration;
        if (round > 0) rates.push(rate);
        await cleanUp(OPERATIONS['order-pay'], database);
        progress.update(++done);
      }
    }
  } finally {
    progress.stop();
    await Promise.all(clients.map((client) => client.end()));
  }
  return { share, onOneAccount: median(one), onOwnAccounts: median(own) };
}

/** Posts payments of one revenue account for so many seconds, one after the other. @returns how many. */
async function post(client: pg.Client, account: string, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const entries = [
    { line: 1, account: `clearing of ${account}`, currency: 'GBP', kind: 'asset', amount: 1999 },
    { line: 2, account, currency: 'GBP', kind: 'income', amount: -1999 },
  ];
  let posted = 0;
  while (performance.now() < end) {
    const [id, now] = [randomUUID(), new Date()];
    await client.query({
      name: 'post',
      text: POST_TO_LEDGER,
      values: [JSON.stringify(entries), now, id, randomUUID(), randomUUID(), randomUUID(), 'Payment', now, null, id],
    });
    posted++;
  }
  return posted;
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

/**
 * The part that statements about the ledger take of all that Stockroom has the database do for orders that are placed and paid. What a
 * trigger does at COMMIT counts too; it is a statement inside of another one.
 */
async function shareOf(options: Options, database: Database): Promise<number | undefined> {
  const [installed] = await database.query<{ preloaded: boolean }>(
    "SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' AS preloaded",
  );
  if (!installed?.preloaded) return undefined;
  await database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await database.query(
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET pg_stat_statements.track = ''all''', current_database()); END $$",
  );
  const server = await startServer('stockroom', database.url);
  const loader = startLoader();
  const operation = OPERATIONS['order-place-and-pay'];
  try {
    const requests = await operation.requests(server.url, await openWorld(server.url, database));
    const job = { url: server.url, duration: options.duration, requests };
    await loader.run(job);
    await cleanUp(operation, database);
    await database.query('SELECT pg_stat_statements_reset()');
    await loader.run(job);
    const [times] = await database.query<{ ledger: number; all: number }>(
      `SELECT sum(total_exec_time) FILTER (WHERE toplevel) AS "all",
         sum(total_exec_time) FILTER (WHERE query ~ 'INSERT INTO ledger_entries' AND toplevel
           OR query ~ 'FROM ledger_entries WHERE transaction_id' AND NOT toplevel) AS ledger
       FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()`,
    );
    await cleanUp(operation, database);
    if (!times?.ledger) throw new StartError('No order was paid in time: give it longer by --duration.');
    return times.ledger / times.all;
  } finally {
    loader.stop();
    await server.stop();
  }
}
