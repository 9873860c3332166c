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
import { AppError, type ErrorKind } from '../../errors/app-error.js';
import * as errors from '../../errors/errors.js';
import { OtherSystemFailed } from '../../errors/other-system-failed.js';
import { logSecurityWarning } from '../../security/security-log.js';
import { NotModified } from '../conditional/conditional.js';
import * as httpErrors from '../errors/http-errors.js';
import { statusOf } from '../errors/status.js';
import { describeTakenBodies } from '../input/json-body.js';
import { PROBLEM_TYPES, type ProblemSyntax, preferenceOf } from '../syntax/accept.js';
import { etagOf } from '../syntax/etag.js';
import { HTML_PAGE_CSP } from '../syntax/html.js';
import { xmlOf } from '../syntax/xml.js';
import { problemPage } from './problem-page.js';
import type { ProblemDto } from './problem.dto.js';

/** The kinds that stand for a bare status, raised by Nest, Fastify or a plugin. */
const kindOfStatus = new Map<number, ErrorKind>(
  [
    httpErrors.BadRequest,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    httpErrors.MethodNotAllowed,
    httpErrors.NotAcceptable,
    httpErrors.RequestTimeout,
    errors.Conflict,
    httpErrors.PayloadTooLarge,
    httpErrors.UnsupportedMediaType,
    errors.TooManyRequests,
    errors.Unavailable,
  ].map((kind) => [statusOf(kind), kind]),
);

/** After how many seconds to try again, where the error does not say. */
const RETRY_AFTER = 5;

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes a problem as the document has it, and no other member. */
    stringifyProblem: (problem: object) => string;
  }
}

/**
 * Turns everything that is thrown into a {@link AppError}. Only Nest's exceptions and Fastify's own errors choose a status: the
 * `statusCode` of any other, such as a client library's, is about another server. What nobody expected, violated constraints
 * that no feature names among it, is an internal error that says nothing.
 */
function toProblem(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error;
  const failure = error instanceof HttpException ? undefined : databaseFailure(error);
  if (failure) {
    const { detail, retryAfter } = failure;
    return new AppError(errors.Unavailable, detail, { retryAfter }, { cause: error });
  }
  if (error instanceof OtherSystemFailed)
    return new AppError(
      errors.Unavailable,
      'A system that this needs does not answer. Try again later.',
      {},
      { cause: error },
    );
  const status = ownStatus(error);
  const kind = kindOfStatus.get(status) ?? (status >= 400 && status < 500 ? httpErrors.BadRequest : undefined);
  if (kind === httpErrors.UnsupportedMediaType)
    return new AppError(kind, describeTakenBodies(request), {}, { cause: error });
  if (kind) {
    // what failed inside is for the log alone
    const detail = (status < 500 && messageOf(error)) || `${kind.title}.`;
    return new AppError(kind, detail, {}, { cause: error });
  }
  return new AppError(
    errors.InternalError,
    'The failure is logged; please report the requestId.',
    {},
    { cause: error },
  );
}

/** Nest's own words for a path where nothing is repeat the target as it was sent. */
const nothingHere = (): AppError => new AppError(errors.NotFound, 'There is nothing at this address.');

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
    const status = statusOf(kind);
    if (status >= 500) {
      request.log.error({ requestId: request.id, err: problem.cause ?? problem }, problem.detail);
    } else if (kind === errors.Forbidden) this.reportForbidden(request);
    if (reply.sent) return;
    // what a decorator promised of a success
    reply.removeHeader('location');
    const syntax = preferenceOf(request.headers.accept).problem;
    if (syntax === 'html') reply.header('content-security-policy', HTML_PAGE_CSP);
    void reply
      .code(status)
      .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...headersOf(problem) })
      .type(`${PROBLEM_TYPES[syntax]}; charset=utf-8`)
      .serializer(this.serializerOf(syntax, reply.server.stringifyProblem))
      .send({
        type: `${this.config.publicUrl}/problems/${kind.code}`,
        title: kind.title,
        status,
        code: kind.code,
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

/** What an error has for the header of its answer. */
function headersOf({ kind, extras: { retryAfter, version, challenge } }: AppError): Record<string, string> {
  const seconds = retryAfter ?? (kind.reason === 'unavailable' ? RETRY_AFTER : undefined);
  return {
    ...(seconds !== undefined && { 'retry-after': String(seconds) }),
    ...(version !== undefined && { etag: etagOf(version) }),
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
  };
}

/** The standard phrase of a status, for logs and pages. */
export const statusPhrase = (status: number): string => `${String(status)} ${STATUS_CODES[status] ?? ''}`.trim();
