import { once } from 'node:events';
import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './common/config/config.js';
import { Lifecycle } from './common/health/lifecycle.js';

/** How long a connection may idle once nobody can connect any more, in milliseconds: a request may be on its way. */
const GRACE = 1000;

/**
 * Takes the process out of service without failing a request: readiness is 503 and each answer closes its connection, while new
 * ones are taken for `delay` seconds, until a load balancer has noticed; then nobody can connect, what is in flight is
 * answered, and the database is let go last.
 */
export async function drain(app: NestFastifyApplication, delay: number): Promise<void> {
  const server: Server = app.getHttpServer();
  app.get(Lifecycle).draining = true;
  await setTimeout(delay * 1000);
  // who has connected by now has been accepted after this
  await setImmediate();
  const state = { isOpen: true };
  const closed = once(server, 'close').then(() => {
    state.isOpen = false;
  });
  // HTTP's close() cuts idle connections at once, and resets the request that is on its way on one of them
  NetServer.prototype.close.call(server);
  while (state.isOpen) {
    await Promise.race([closed, setTimeout(GRACE)]);
    server.closeIdleConnections();
  }
  await app.close();
}

/** Has SIGTERM and SIGINT (Ctrl-C, which nobody has to notice) end the process in order. */
export function drainOnSignal(app: NestFastifyApplication, config: Config): void {
  const stop = (delay: number): void => {
    if (app.get(Lifecycle).draining) return;
    globalThis.setTimeout(
      () => {
        process.stderr.write(`Requests still ran after ${String(config.shutdownSeconds)} s: stopping all the same.\n`);
        process.exit(1);
      },
      (delay + config.shutdownSeconds) * 1000,
    );
    void drain(app, delay).then(() => process.exit(0));
  };
  process.on('SIGTERM', () => {
    stop(config.shutdownDelay);
  });
  process.on('SIGINT', () => {
    stop(0);
  });
}
