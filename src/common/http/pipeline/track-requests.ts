import type { FastifyInstance } from 'fastify';
import { type RequestContext, runInRequest } from '../../context/request-context.js';
import { traceIdOf } from './trace-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    requestContext: RequestContext | null;
  }
}

/** Does what is done for a request in its context; to be called before other hooks are added. */
export function trackRequests(fastify: FastifyInstance): void {
  fastify.decorateRequest('requestContext', null);
  // each line has the id by its context: a logger for each request would say it twice
  fastify.setChildLoggerFactory((logger) => logger);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const trace_id = traceparent === undefined ? undefined : traceIdOf(traceparent);
    request.requestContext = trace_id === undefined ? { requestId: request.id } : { requestId: request.id, trace_id };
    runInRequest(request.requestContext, done);
  });
  // a body arrives in the context of its socket
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.requestContext && request.body !== undefined) runInRequest(request.requestContext, done);
    else done();
  });
}
