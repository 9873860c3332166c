import { STATUS_CODES } from 'node:http';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { databaseFailure } from '../../database/failures.js';
import { Problem, type ProblemKind } from '../../errors/problem.js';
import * as problems from '../../errors/problems.js';
import { logSecurityWarning } from '../../security/security-log.js';
import { NotModified } from '../conditional/conditional.js';
import { describeTakenBodies } from '../input/json-body.js';
import { PROBLEM_TYPES, type ProblemSyntax, preferenceOf } from '../syntax/accept.js';
import { HTML_PAGE_CSP } from '../syntax/html.js';
import { xmlOf } from '../syntax/xml.js';
import { problemPage } from './problem-page.js';
import type { ProblemDto } from './problem.dto.js';

/** The kinds that stand for a bare status, raised by Nest, Fastify or a plugin. */
const kindOfStatus = new Map<number, ProblemKind>(
  [
    problems.BadRequest,
    problems.Unauthenticated,
    problems.Forbidden,
    problems.NotFound,
    problems.MethodNotAllowed,
    problems.NotAcceptable,
    problems.RequestTimeout,
    problems.Conflict,
    problems.PayloadTooLarge,
    problems.UnsupportedMediaType,
    problems.TooManyRequests,
    problems.Unavailable,
  ].map((kind) => [kind.status, kind]),
);

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes a problem as the document has it, and no other member. */
    stringifyProblem: (problem: object) => string;
  }
}

/**
 * Turns everything that is thrown into a {@link Problem}. Only Nest's exceptions and Fastify's own errors choose a status: the
 * `statusCode` of any other, such as a client library's, is about another server. What nobody expected, violated constraints
 * that no feature names among it, is an internal error that says nothing.
 */
function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const failure = error instanceof HttpException ? undefined : databaseFailure(error);
  if (failure) {
    const headers = { 'retry-after': String(failure.retryAfter) };
    return new Problem(problems.Unavailable, failure.detail, { headers }, { cause: error });
  }
  const status = ownStatus(error);
  const kind = kindOfStatus.get(status) ?? (status >= 400 && status < 500 ? problems.BadRequest : undefined);
  if (kind === problems.UnsupportedMediaType)
    return new Problem(kind, describeTakenBodies(request), {}, { cause: error });
  if (kind) {
    // what failed inside is for the log alone
    const detail = (status < 500 && messageOf(error)) || `${kind.title}.`;
    return new Problem(kind, detail, {}, { cause: error });
  }
  return new Problem(
    problems.InternalError,
    'The failure is logged; please report the requestId.',
    {},
    { cause: error },
  );
}

/** Nest's own words for a path where nothing is repeat the target as it was sent. */
const nothingHere = (): Problem => new Problem(problems.NotFound, 'There is nothing at this address.');

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';

/** The status that an error of the frameworks names; else 500. */
function ownStatus(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('code' in error)) return 500;
  if (!String(error.code).startsWith(FRAMEWORK_CODE)) return 500;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** How the codes of Fastify and its plugins begin: `FST_ERR_CTP_BODY_TOO_LARGE`, `FST_CP_ERR_INVALID_CONTENT`. */
const FRAMEWORK_CODE = 'FST_';

/** Answers every failure as `application/problem+json`, or `+xml` if the client prefers that; RFC 9457. */
@Injectable()
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly config: Config) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also called for what fails outside of Nest: an unknown route, a request that Fastify refuses. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (error instanceof NotModified) {
      void reply.code(304).header('etag', error.etag).send();
      return;
    }
    const problem = request.is404 && error instanceof NotFoundException ? nothingHere() : toProblem(error, request);
    const { kind, extras } = problem;
    if (kind.status >= 500) {
      request.log.error({ requestId: request.id, err: problem.cause ?? problem }, problem.detail);
    } else if (kind === problems.Forbidden) this.reportForbidden(request);
    if (reply.sent) return;
    // what a decorator promised of a success
    reply.removeHeader('location');
    if (kind.status === 503) reply.header('retry-after', '5');
    const syntax = preferenceOf(request.headers.accept).problem;
    if (syntax === 'html') reply.header('content-security-policy', HTML_PAGE_CSP);
    void reply
      .code(kind.status)
      .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...extras.headers })
      .type(`${PROBLEM_TYPES[syntax]}; charset=utf-8`)
      .serializer(this.serializerOf(syntax, reply.server.stringifyProblem))
      .send({
        type: `${this.config.publicUrl}/problems/${kind.slug}`,
        title: kind.title,
        status: kind.status,
        code: kind.slug,
        detail: problem.detail,
        instance: request.url,
        requestId: request.id,
        ...(extras.errors && { errors: extras.errors }),
        ...extras.members,
      });
  }

  private serializerOf(syntax: ProblemSyntax, stringify: (problem: object) => string): (problem: ProblemDto) => string {
    switch (syntax) {
      case 'html':
        return problemPage;
      case 'xml':
        return (problem) => xmlOf(stringify(problem), 'problem');
      case 'json':
        return stringify;
    }
  }

  /** Logs who was refused what; OWASP's logging vocabulary, ASVS 16.3.2. */
  private reportForbidden({ id, method, routeOptions, user }: FastifyRequest): void {
    const resource = `${method} ${routeOptions.url ?? ''}`;
    logSecurityWarning({ event: 'authz_fail', requestId: id, userId: user?.userId, resource });
  }
}

/** The standard phrase of a status, for logs and pages. */
export const statusPhrase = (status: number): string => `${String(status)} ${STATUS_CODES[status] ?? ''}`.trim();
