import { E_TIMEOUT, Semaphore, type SemaphoreInterface, withTimeout } from 'async-mutex';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { Unavailable } from '../../errors/errors.js';

/** How many requests of a process change one resource at a time. Its row is locked by one of them, so more would only wait. */
const AT_ONCE = 2;

/** What waits for, and what changes, one resource. */
interface Turns {
  free: SemaphoreInterface;
  users: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Lets the next request change the resource. */
    endTurn: (() => void) | null;
  }
}

/**
 * Has requests that change the same resource wait for each other before they take a connection to the database: while
 * somebody holds its row, they would take all connections, and nothing else could be changed. The embedded engine has one
 * connection, and nobody else.
 */
export function takeTurns(fastify: FastifyInstance, { databaseUrl, databaseLockTimeout }: Config): void {
  fastify.decorateRequest('endTurn', null);
  if (!databaseUrl) return;
  const resources = new Map<string, Turns>();
  const late = new AppError(Unavailable, 'Other operations are changing the same data. Try again.', {
    retryAfter: 2,
  });

  fastify.addHook('preHandler', async (request) => {
    const resource = resourceOf(request);
    if (resource === undefined) return;
    const turns = resources.get(resource) ?? {
      free: withTimeout(new Semaphore(AT_ONCE), databaseLockTimeout),
      users: 0,
    };
    resources.set(resource, turns);
    turns.users++;
    const leave = (): void => {
      turns.users--;
      if (turns.users === 0) resources.delete(resource);
    };
    try {
      const [, release] = await turns.free.acquire();
      request.endTurn = () => {
        release();
        leave();
      };
    } catch (error) {
      leave();
      throw error === E_TIMEOUT ? late : error;
    }
  });
  // the change is made by then; when the client has gone away meanwhile, there is no response
  fastify.addHook('onSend', (request, _reply, payload, done) => {
    request.endTurn?.();
    request.endTurn = null;
    done(null, payload);
  });
}

/**
 * What a request changes: the resource with the id in the path, or what belongs to it. The stock of a product is not the product, and
 * has rows of its own. Undefined where no row is named.
 */
function resourceOf({ method, params, routeOptions: { url, config } }: FastifyRequest): string | undefined {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || url === undefined) return undefined;
  // what comes as slowly as its client likes locks nothing until it is there
  if (config.streams) return undefined;
  const [collection = '', ...rest] = url.split('/:id');
  if (rest.length === 0 || typeof params !== 'object' || params === null || !('id' in params)) return undefined;
  const [, below = ''] = rest.join().split('/');
  return `${collection}/${String(params.id).toLowerCase()}/${below}`;
}
