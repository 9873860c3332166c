import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { BadRequest } from '../errors/http-errors.js';

/**
 * How long, in characters, the headers may be that are taken apart: length first, pattern after. A header that the client
 * need not know of (`traceparent`) is ignored instead when it is too long.
 */
const LONGEST: [name: string, length: number][] = [
  ['Content-Type', 200],
  ['Content-Encoding', 100],
  // 255 characters, each of them escaped, and the quotes
  ['Idempotency-Key', 512],
  ['If-Match', 1000],
  ['If-None-Match', 1000],
];

/** Refuses headers that are longer than any client needs, before they are taken apart: 400. */
export function boundHeaders(fastify: FastifyInstance): void {
  const bounds = LONGEST.map(([name, length]): [string, string, number] => [name, name.toLowerCase(), length]);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request;
    for (const [name, key, length] of bounds) {
      const value = headers[key];
      if (value === undefined || value.length <= length) continue;
      const detail = `must have at most ${String(length)} characters`;
      done(new AppError(BadRequest, `${name} ${detail}.`, { errors: [{ header: name, code: 'maxLength', detail }] }));
      return;
    }
    done();
  });
}
