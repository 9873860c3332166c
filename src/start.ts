import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApp } from './app.js';
import { startProgress } from './common/cli/progress.js';
import type { Config } from './common/config/config.js';
import { StartError } from './common/config/start-error.js';
import { bringUpToDate } from './common/database/migrate.js';
import { Lifecycle } from './common/health/lifecycle.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DemoService } from './demo/demo.service.js';

/**
 * Starts one process: the database brought up to date (in production it has to be already), the demo shop if there is
 * nothing yet, then listening, until SIGTERM or SIGINT.
 * @throws StartError with one line that says what to do.
 */
export async function start(config: Config): Promise<NestFastifyApplication> {
  const app = await createApp(config).catch((error: unknown) => {
    throw explained(error, config);
  });
  let url: string;
  try {
    await bringUpToDate(config, app.get(DataSource), async () => {
      if (config.demo && (await app.get(DemoService).isWanted())) await openDemo(app);
    });
    await app.init();
    // not app.listen(), which logs a failure before it is told here
    url = await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
  } catch (error) {
    await app.close();
    throw explained(error, config);
  }
  drainOnSignal(app, config);
  if (!config.production) greet(url, config);
  return app;
}

async function openDemo(app: NestFastifyApplication): Promise<void> {
  const progress = startProgress({ label: 'Stocking the demo shop', unit: 'products' });
  await app
    .get(DemoService)
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
    ['', `Stockroom is open: ${url}/docs`, ...accounts, `Mail it would send: ${url}/dev/mailbox`, '', ''].join('\n  '),
  );
}

/** How long keep-alive clients get to notice `Connection: close` before idle connections are cut, in milliseconds. */
const FAREWELL = 1000;

/**
 * Takes the process out of service: not ready any more; clients are told to go elsewhere; then no new connections, and what
 * is in flight finishes before the database is let go.
 */
export async function drain(app: NestFastifyApplication): Promise<void> {
  app.get(Lifecycle).draining = true;
  if ((await connections(app)) > 0) await setTimeout(FAREWELL);
  await app.close();
}

const connections = (app: NestFastifyApplication): Promise<number> =>
  promisify(app.getHttpServer().getConnections.bind(app.getHttpServer()))();

function drainOnSignal(app: NestFastifyApplication, config: Config): void {
  const stop = (): void => {
    if (app.get(Lifecycle).draining) return;
    globalThis.setTimeout(() => {
      process.stderr.write(`Requests still ran after ${String(config.shutdownSeconds)} s: stopping all the same.\n`);
      process.exit(1);
    }, config.shutdownSeconds * 1000);
    void drain(app).then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What a person at the terminal can mend, said in one line; anything else as it is. */
function explained(error: unknown, config: Config): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const port = String(config.port);
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(`Port ${port} is taken: stop the other program, or choose another port with PORT.`);
    case 'EACCES':
      return new StartError(`Port ${port} can't be opened without more rights: choose one above 1023 with PORT.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${config.host} is no address of this machine: mend HOST, or the host in DATABASE_URL.`);
    case 'ECONNREFUSED':
      return new StartError('No PostgreSQL server answers at DATABASE_URL: start it, or mend the address.');
    case '28P01':
    case '28000':
      return new StartError('The PostgreSQL server refuses the user or password in DATABASE_URL.');
    case '3D000':
      return new StartError('The database in DATABASE_URL does not exist: create it with createdb.');
    default:
      return error;
  }
}
