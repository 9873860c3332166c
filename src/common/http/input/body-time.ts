import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { RequestTimeout } from '../errors/http-errors.js';

/**
 * Gives a body `BODY_SECONDS` to arrive, so that half-sent ones can't hold connections for minutes. Routes that stream have
 * the five minutes of the server.
 */
export function limitBodyTime(fastify: FastifyInstance, { bodySeconds }: Config): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const { raw, routeOptions } = request;
    if (raw.complete || routeOptions.config.streams) {
      done(null, payload);
      return;
    }
    const timer = setTimeout(() => {
      if (raw.complete || reply.sent) return;
      reply.header('connection', 'close');
      void reply.send(new AppError(RequestTimeout, `The body did not arrive within ${String(bodySeconds)} seconds.`));
      reply.raw.once('finish', () => raw.destroy());
    }, bodySeconds * 1000);
    timer.unref();
    const stop = (): void => {
      clearTimeout(timer);
    };
    raw.once('end', stop);
    raw.once('close', stop);
    done(null, payload);
  });
}
