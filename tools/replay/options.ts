import { parseArgs } from 'node:util';
import { StartError } from '../../src/common/config/start-error.js';
import type { Credentials } from './shop-client.js';

export const USAGE = `Usage: npm run replay -- <file …> [options]

Plays invoices (*.csv, *.csv.gz) through the API of a shop: products and customers, purchases as orders that are paid, cancellations
as refunds, and deliveries before a product is out of stock. Prints what is left out and why, and compares the files with the
orders, the payments, the ledger and the stock. What is left out, by which rules: docs/replay.md

Run it again to continue a run that was interrupted: nothing is done twice. Name all files from the first month on: those that were
replayed before are found.

  --url URL         the shop (http://localhost:3000)
  --concurrency N   how many requests at once, 1 to 64 (4)
  --plan            only print what would be left out; asks no shop
  --help            show this

Environment:
  REPLAY_EMAIL      the account of an administrator, who invites customers and reads the ledger
  REPLAY_PASSWORD   its password

The shop needs a limit of requests that is high enough, for example RATE_LIMIT=0, and payments in the sandbox.
Exit code: 0 when everything is equal, 1 when something differs or failed.
`;

export interface Options {
  files: string[];
  url: string;
  concurrency: number;
  planOnly: boolean;
}

/** @returns undefined when help is asked for. @throws StartError, or an error of parseArgs, that says what is wrong. */
export function readOptions(args: string[]): Options | undefined {
  const { values, positionals: files } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://localhost:3000' },
      concurrency: { type: 'string', default: '4' },
      plan: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (files.length === 0) throw new StartError('Name the files to replay. --help shows how.');
  const { url, plan: planOnly } = values;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new StartError(`--url: ${url} is no address of a shop, such as http://localhost:3000.`);
  }
  if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(values.concurrency)) {
    throw new StartError(`--concurrency: ${values.concurrency} is no whole number from 1 to 64.`);
  }
  return { files, url: url.replace(/\/+$/, ''), concurrency: Number(values.concurrency), planOnly };
}

/** @throws StartError naming what is not set. */
export function readCredentials(env: NodeJS.ProcessEnv): Credentials {
  const { REPLAY_EMAIL: email = '', REPLAY_PASSWORD: password = '' } = env;
  if (email === '' || password === '') {
    throw new StartError('Set REPLAY_EMAIL and REPLAY_PASSWORD to the account of an administrator.');
  }
  return { email, password };
}
