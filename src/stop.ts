import { once } from 'node:events';
import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from './common/config/config.js';
import { EventRelay } from './common/events/event-relay.js';
import { Lifecycle } from './common/health/lifecycle.js';
import { JobRunner } from './common/jobs/job-runner.js';

/** How long a connection may idle once nobody can connect any more, in milliseconds: a request may be on its way. */
const GRACE = 1000;
/** How long answers are held before nobody can connect any more, in milliseconds: those answered last come back meanwhile. */
const HOLD = 100;
/** How many turns of the event loop at most wait for one in which nobody connects. */
const MAX_TURNS = 100;

/**
 * Takes the process out of service without failing a request: readiness is 503 and each answer closes its connection, while new
 * ones are taken for `delay` seconds, until a load balancer has noticed; then nobody can connect, jobs and events are begun no more,
 * what is in flight is answered, and the database is let go last.
 */
export async function drain(app: NestFastifyApplication, delay: number): Promise<void> {
  const server: Server = app.getHttpServer();
  const lifecycle = app.get(Lifecycle);
  lifecycle.draining = true;
  await setTimeout(delay * 1000);
  // beside what is in flight, which may take as long as there is
  const background = Promise.all([app.get(JobRunner).stop(), app.get(EventRelay).stop()]);
  const state = { isOpen: true };
  const closed = once(server, 'close').then(() => {
    state.isOpen = false;
  });
  await stopListening(server, lifecycle);
  while (state.isOpen) {
    await Promise.race([closed, setTimeout(GRACE)]);
    server.closeIdleConnections();
  }
  await background;
  await app.close();
}

/**
 * Takes no new connections from now on. The operating system resets those that it has made and that are not accepted yet, with the
 * requests on them. Who is answered connects again at once: so answers wait until all have been accepted.
 */
async function stopListening(server: Server, lifecycle: Lifecycle): Promise<void> {
  const sendAnswers = lifecycle.holdAnswers();
  await setTimeout(HOLD);
  let connections = 0;
  const count = (): void => {
    connections++;
  };
  server.on('connection', count);
  for (let turn = 0, before = -1; turn < MAX_TURNS && connections !== before; turn++) {
    before = connections;
    await setImmediate();
  }
  server.off('connection', count);
  // HTTP's close() cuts idle connections at once, and resets the request that is on its way on one of them
  NetServer.prototype.close.call(server);
  sendAnswers();
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
