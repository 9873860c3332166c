import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { Lifecycle } from '../../health/lifecycle.js';
import { unredacted } from '../../logging/logger.js';
import { AccessGuard } from '../../security/access.guard.js';
import { BadRequest } from '../errors/http-errors.js';
import { BODY_LIMIT } from '../input/body-limit.js';
import { limitBodyTime } from '../input/body-time.js';
import { nameContentCodings } from '../input/content-coding.js';
import { readJsonBodies } from '../input/json-body.js';
import { streamBodies } from '../input/streamed-body.js';
import { Limits } from '../limits/limits.js';
import { compressBodies } from '../output/compression.js';
import { negotiate } from '../output/negotiation.js';
import { describeRepresentations } from '../output/representation.js';
import { ProblemFilter } from '../problems/problem.filter.js';
import { dropHeaders } from '../syntax/request-headers.js';
import { normalizeTarget } from '../syntax/target.js';
import { answerClientErrors } from './client-errors.js';
import { announceDeprecations } from './deprecated.js';
import { boundHeaders } from './header-bounds.js';
import { leadTo } from './landing.js';
import { refuseMalformed } from './malformed.js';
import { allowedMethods, METHODS } from './methods.js';
import { securityHeaders } from './security-headers.js';
import { trackRequests } from './track-requests.js';
import { takeTurns } from './turns.js';

/** What is the same until the process ends: the documentation. */
const FIXED = /^\/(?:docs|openapi\.)/;

/** Fastify as Stockroom uses it: ids, limits, time-outs, and what it does with requests that never reach Nest. */
export function createAdapter(config: Config, logger: Logger): FastifyAdapter {
  const always = securityHeaders(config);
  return new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // called before routing, and so before anything else
    rewriteUrl: ({ url = '/', headers }: IncomingMessage) => {
      dropHeaders(headers);
      return normalizeTarget(url);
    },
    // refused by refuseMalformed(), with a problem
    http: { requireHostHeader: false },
    genReqId: requestId,
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    // a whole import may take minutes to arrive, other bodies have BODY_SECONDS; what waits for its head is cut off by Node after one
    requestTimeout: 300_000,
    keepAliveTimeout: 72_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerClientErrors(config, unredacted(logger)),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // no hook runs here
      reply.headers(always).header('vary', 'Accept');
      new ProblemFilter(config).answer(new AppError(BadRequest, error.message), request, reply);
      logger.info({ requestId: request.id, method: request.method, status: reply.statusCode }, 'request');
    },
  });
}

/** The caller's `X-Request-Id` if it is harmless in a log, else a fresh one. */
function requestId(request: IncomingMessage): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(sent) ? sent : randomUUID();
}

/** The mechanisms that stand before and behind every route. */
export async function equipServer(app: NestFastifyApplication, config: Config, logger: Logger): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const lifecycle = app.get(Lifecycle);
  // for routes that are not Nest's too: what fails in a hook, such as a limit, is a problem everywhere
  const problems = new ProblemFilter(config);
  fastify.addHook('onRoute', (route) => {
    route.errorHandler ??= (error, request, reply) => {
      problems.answer(error, request, reply);
    };
  });
  const always = securityHeaders(config);
  fastify.server.maxConnections = config.maxConnections;
  trackRequests(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(always).header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (!lifecycle.draining) {
      done(null, payload);
      return;
    }
    reply.header('connection', 'close');
    void lifecycle.sending.then(() => {
      done(null, payload);
    });
  });
  const access = unredacted(logger);
  fastify.addHook('onResponse', (request, reply, done) => {
    access.info(
      {
        ...request.requestContext,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
        ...(request.user && { userId: request.user.userId }),
      },
      'request',
    );
    done();
  });
  announceDeprecations(fastify);
  await compressBodies(app, (url) => FIXED.test(url));
  app.enableCors({
    origin: config.corsOrigins.length > 0 && config.corsOrigins,
    methods: [...METHODS],
    exposedHeaders: [
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: 600,
    // OPTIONS is answered by allowedMethods(), a preflight or not
    preflightContinue: true,
    strictPreflight: false,
  });
  describeRepresentations(fastify);
  // In this order: who calls, how often, where and what for. Only then is a body unpacked, scanned and read.
  const guard = app.get(AccessGuard);
  guard.install(fastify);
  app.get(Limits).install(fastify);
  refuseMalformed(fastify);
  allowedMethods(fastify);
  negotiate(fastify);
  guard.refuseStrangers(fastify);
  boundHeaders(fastify);
  nameContentCodings(fastify);
  limitBodyTime(fastify, config);
  streamBodies(fastify);
  readJsonBodies(fastify);
  takeTurns(fastify, config);
  leadTo(fastify, config.docs ? '/docs' : '/problems');
}
