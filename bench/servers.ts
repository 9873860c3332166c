import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SmtpSink } from '../test/support/smtp.js';

export const SERVERS = ['stockroom', 'bare', 'docs'] as const;
export type ServerName = (typeof SERVERS)[number];

/** The folder of the application, seen from where this file is compiled to. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
/** What Node.js is called with for each. */
const PROGRAMS: Record<ServerName, readonly string[]> = {
  stockroom: asStarted().map((part) => (part.endsWith('.js') ? join(ROOT, part) : part)),
  bare: [join(import.meta.dirname, 'references/bare.js')],
  docs: [join(import.meta.dirname, 'references/docs/main.js')],
};
const MIGRATE = join(ROOT, 'dist/src/commands/migrate.command.js');

/** How long a start may take, in milliseconds. */
const PATIENCE = 60_000;
/** How often it is looked whether a server is ready, in milliseconds. */
const STEP = 5;

/** No `.env` is here, and what the servers log stays here. */
const folder = mkdtempSync(join(tmpdir(), 'stockroom-bench-'));
/** What the reference serves photos from. */
export const STATIC_FOLDER = join(folder, 'static');
mkdirSync(STATIC_FOLDER);
process.once('exit', (code) => {
  if (code === 0 || readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  else process.stderr.write(`What the servers logged is in ${folder}\n`);
});
const secret = randomBytes(36).toString('base64');

/** Takes the mails that Stockroom sends. */
let mails: Promise<SmtpSink> | undefined;

/** One of the servers, running as a process of its own. */
export interface Server {
  name: ServerName;
  url: string;
  /** The id of its process. */
  pid: number;
  /** From the start of the process to its first 200 from `/readyz`, in milliseconds. */
  startTime: number;
  /** What it wrote to its outputs. */
  log(): string;
  /** The memory that it holds (RSS), in MiB. */
  memory(): Promise<number>;
  /** Has the process do nothing at all until {@link resume}. */
  hold(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** What `npm start` calls Node.js with. */
function asStarted(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').slice(1);
}

/** What production demands of Stockroom; the limit is far beyond the load, so that it counts and never refuses. */
const environment = (database: string, port: number, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NODE_ENV: 'production',
  PORT: String(port),
  DATABASE_URL: database,
  SECRETS: secret,
  PUBLIC_URL: 'https://shop.example',
  SMTP_URL: 'smtp://127.0.0.1:25',
  RATE_LIMIT: '1000000',
  PAYMENT_PROVIDER: 'sandbox',
  FILES_FOLDER: join(folder, 'files'),
  STATIC_FOLDER,
  ...more,
});

/** Brings the database up to date, as an operator does. */
export async function migrate(database: string): Promise<void> {
  await promisify(execFile)(process.execPath, [MIGRATE], { cwd: folder, env: environment(database, 0) });
}

/** How a server is started. */
interface Start {
  /** What Node.js is called with beside. */
  flags?: string[];
  /** Whether Stockroom does its background work. */
  background?: boolean;
}

/** Starts a server and waits until it is ready. @throws Error with its log when it ends before. */
export async function startServer(
  name: ServerName,
  database: string,
  { flags = [], background = true }: Start = {},
): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const logFile = join(folder, `${name}-${String(port)}.log`);
  const output = openSync(logFile, 'a');
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, ...PROGRAMS[name]], {
    cwd: folder,
    env: environment(database, port, {
      SMTP_URL: (await (mails ??= SmtpSink.open())).url,
      BACKGROUND_WORK: String(background),
    }),
    stdio: ['ignore', output, output],
  });
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) process.stderr.write(`${name} was ended from outside, or by itself: ${signal ?? String(code)}\n`);
  });
  const log = (): string => readFileSync(logFile, 'utf8');
  while (!(await isReady(`${url}/readyz`))) {
    if (child.exitCode !== null || performance.now() - began > PATIENCE) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start:\n${log()}`);
    }
    await setTimeout(STEP);
  }
  const startTime = performance.now() - began;
  return {
    name,
    url,
    pid: child.pid ?? NaN,
    startTime,
    log,
    memory: () => memoryOf(child),
    hold: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    stop: () => {
      stopping = true;
      return stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function memoryOf(child: ChildProcess): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)]);
  return Number(stdout) / 1024;
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => {
      resolve(false);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
