import { parseArgs } from 'node:util';
import { StartError } from '../src/common/config/start-error.js';
import { defaultServer } from './database.js';
import { isOperation, OPERATIONS, type OperationName } from './operations.js';

const ALL = Object.keys(OPERATIONS).filter(isOperation);

export const USAGE = `Usage: npm run bench -- [options]

Measures Stockroom, in production mode on PostgreSQL, in turn with two references on the same database: "bare", Fastify
and pg by hand, and "docs", NestJS as its documentation shows it. Prints a table; a run of all operations, and one of
--growth or --searches, also write it into docs/performance.md.

  --operations a,b   only these: ${ALL.slice(0, 4).join(', ')},
                     ${ALL.slice(4, 9).join(', ')},
                     ${ALL.slice(9, 12).join(', ')},
                     ${ALL.slice(12).join(', ')}
  --rounds N         rounds for each operation and server (5)
  --duration S       seconds for each round (5)
  --products N       products in the database (50000)
  --json FILE        write the rows there
  --database URL     a PostgreSQL server to make a database on (TEST_DATABASE_URL, or the local one)
  --growth           instead, on 1,000, 50,000 and 1,000,000 products: by id, and the first page and a late one
  --searches         instead, on 10,000, 100,000 and 1,000,000 products: searches that find much, little and nothing, beside by id
  --profile          instead, where Stockroom's time goes in two operations, or in those named: the ten widest frames
  --background       Stockroom handles events and sends mails meanwhile, which the references have none of; without it, that is left
                     to other processes (BACKGROUND_WORK=false)
  --ledger           instead, what posting to the ledger costs: its share in the database time of orders (on a server that
                     loads pg_stat_statements), and 16 connections on one account beside 16 accounts
  --uploads          instead, 100 photos of 4 MB, 8 at a time, while a product is read 50 times a second
  --minutes N        instead, so many minutes of load by all operations in turn: the memory after each
  --keep             keep the database for the next run
  --smoke            see that everything runs: one round of one second, 200 products
  --help             show this
`;

export interface Options {
  operations: OperationName[];
  rounds: number;
  duration: number;
  products: number;
  json: string | undefined;
  database: string;
  /** 0: not to be endured. */
  minutes: number;
  keep: boolean;
  growth: boolean;
  searches: boolean;
  profile: boolean;
  ledger: boolean;
  uploads: boolean;
  background: boolean;
  smoke: boolean;
  help: boolean;
}

/** Whether all operations are measured, as they are published. */
export const isWhole = ({ operations, smoke }: Options): boolean => operations.length === ALL.length && !smoke;

/** @throws StartError, or an error of parseArgs, that says what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      operations: { type: 'string', default: ALL.join(',') },
      rounds: { type: 'string' },
      duration: { type: 'string' },
      products: { type: 'string' },
      json: { type: 'string' },
      database: { type: 'string', default: defaultServer() },
      minutes: { type: 'string' },
      keep: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      searches: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      ledger: { type: 'boolean', default: false },
      uploads: { type: 'boolean', default: false },
      background: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const names = values.operations.split(',');
  const operations = names.filter(isOperation);
  if (operations.length < names.length) throw new StartError(`--operations: there are ${ALL.join(', ')}`);
  const { smoke } = values;
  return {
    ...values,
    json: values.json,
    operations,
    minutes: values.minutes === undefined ? 0 : whole('minutes', values.minutes),
    rounds: whole('rounds', values.rounds ?? (smoke ? '1' : '5')),
    duration: whole('duration', values.duration ?? (smoke ? '1' : '5')),
    products: whole('products', values.products ?? (smoke ? '200' : '50000')),
  };
}

function whole(option: string, value: string): number {
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new StartError(`--${option}: ${value} is no whole number above 0`);
  return Number(value);
}
