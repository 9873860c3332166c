import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApp } from './app.js';
import { startProgress } from './common/cli/progress.js';
import type { Config } from './common/config/config.js';
import { StartError } from './common/config/start-error.js';
import { databaseFailure } from './common/database/failures.js';
import { ensureMigrated } from './common/database/migrate.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DemoService } from './demo/demo.service.js';
import { drainOnSignal } from './stop.js';

/**
 * Starts one process: the database brought up to date (in production it has to be already), the demo shop if there is
 * nothing yet, then listening, until SIGTERM or SIGINT.
 * @throws StartError with one line that says what to do.
 */
export async function start(config: Config): Promise<NestFastifyApplication> {
  await requireFreePort(config);
  if (!config.databaseUrl && !existsSync(config.dataDir)) {
    process.stdout.write(`Creating the database in ${config.dataDir} …\n`);
  }
  const app = await createApp(config).catch((error: unknown) => {
    throw explained(error, config);
  });
  let url: string;
  try {
    await ensureMigrated(config, app.get(DataSource), async () => {
      if (config.demo && (await app.get(DemoService).isWanted())) await openDemo(app);
    });
    await app.init();
    // not app.listen(), which logs a failure that is reported here
    url = await app
      .getHttpAdapter()
      .getInstance()
      .listen({ port: config.port, host: config.host })
      .catch((error: unknown) => {
        throw explainedListening(error, config.port, config.host);
      });
  } catch (error) {
    await app.close();
    throw explained(error, config);
  }
  drainOnSignal(app, config);
  if (!config.production) greet(url, config);
  return app;
}

async function openDemo(app: NestFastifyApplication): Promise<void> {
  const demo = app.get(DemoService);
  const total = await demo.countProducts();
  const progress = startProgress({ label: 'Stocking the demo shop', unit: 'products', total });
  await demo
    .open((products) => {
      progress.update(products);
    })
    .finally(() => {
      progress.stop();
    });
}

function greet(url: string, config: Config): void {
  const accounts = config.demo
    ? [
        'Sign in there with POST /auth/login as one of',
        ...DEMO_ACCOUNTS.map(({ email }) => `  ${email}`),
        `with the password: ${DEMO_PASSWORD}`,
      ]
    : [];
  process.stdout.write(
    ['', `Stockroom is open: ${url}/docs`, ...accounts, `Mail it would send: ${url}/dev/mailbox`].join('\n  ') + '\n\n',
  );
}

/** Whether it can listen, before anything is done that takes long. @throws StartError naming the variable to change. */
async function requireFreePort({ port, host }: Config): Promise<void> {
  const server = createServer().listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explainedListening(error, port, host);
  }
  server.close();
  await once(server, 'close');
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** What a person at the terminal can fix, in one line; anything else as it is. */
function explainedListening(error: unknown, port: number, host: string): unknown {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new StartError(`Port ${String(port)} is taken: stop the other program, or choose another port with PORT.`);
    case 'EACCES':
      return new StartError(
        `Port ${String(port)} can't be opened without more rights: choose one above 1023 with PORT.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new StartError(`${host} is no address of this machine: set HOST to one, or to 0.0.0.0 for all of them.`);
    default:
      return error;
  }
}

/** What a person at the terminal can fix of a database that does not answer, in one line; anything else as it is. */
function explained(error: unknown, config: Config): unknown {
  if (error instanceof StartError || !config.databaseUrl) return error;
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const host =
        typeof error === 'object' && error !== null && 'hostname' in error ? String(error.hostname) : 'the host';
      return new StartError(`The name ${host} can't be resolved: correct the host in DATABASE_URL.`);
    }
    case 'ECONNREFUSED':
      return new StartError('No PostgreSQL server answers at DATABASE_URL: start it, or correct the address.');
    case '28P01':
    case '28000':
      return new StartError('The PostgreSQL server refuses the user or password in DATABASE_URL.');
    case '3D000':
      return new StartError('The database in DATABASE_URL does not exist: create it with createdb.');
    case '53300':
      return new StartError(
        'The PostgreSQL server has no connection left: raise max_connections, or lower DATABASE_POOL_SIZE.',
      );
  }
  return databaseFailure(error)
    ? new StartError(
        `The PostgreSQL server at DATABASE_URL can't be reached (${messageOf(error)}): start it, or correct the address.`,
      )
    : error;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
