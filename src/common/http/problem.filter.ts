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
import { QueryFailedError } from 'typeorm';
import { Config } from '../config/config.js';
import { databaseFailure } from '../database/failures.js';
import { PROBLEM_TYPES, preferenceOf } from './accept.js';
import { NotModified } from './conditional.js';
import { Problem, type ProblemKind } from './problem.js';
import * as problems from './problems.js';
import { xmlOf } from './xml.js';

/** The kinds that stand for a bare status, whoever raised it: Nest, Fastify or a plugin. */
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

/** PostgreSQL's SQLSTATE where a constraint of ours was right to refuse; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CONSTRAINT_VIOLATIONS = new Map([
  ['23505', 'A value that must be unique is taken.'],
  ['23503', 'Something that this refers to is gone, or something still refers to this.'],
]);

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes a problem as the document has it, and no member besides. */
    stringifyProblem: (problem: object) => string;
  }
}

/** Turns whatever is thrown into a {@link Problem}; what nobody expected becomes an internal error that says nothing. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof QueryFailedError) {
    const detail = CONSTRAINT_VIOLATIONS.get(sqlState(error));
    if (detail) return new Problem(problems.Conflict, detail, {}, { cause: error });
  }
  const failure = error instanceof HttpException ? undefined : databaseFailure(error);
  if (failure) {
    const headers = { 'retry-after': String(failure.retryAfter) };
    return new Problem(problems.Unavailable, failure.detail, { headers }, { cause: error });
  }
  const status = error instanceof HttpException ? error.getStatus() : statusCode(error);
  const kind = kindOfStatus.get(status) ?? (status >= 400 && status < 500 ? problems.BadRequest : undefined);
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
const isNotFound = (error: unknown): boolean => error instanceof NotFoundException;
const nothingHere = (): Problem => new Problem(problems.NotFound, 'There is nothing at this address.');

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';

function sqlState({ driverError: cause }: { driverError: unknown }): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

function statusCode(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

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
    const problem = request.is404 && isNotFound(error) ? nothingHere() : toProblem(error);
    const { kind, extras } = problem;
    if (kind.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.detail);
    if (reply.sent) return;
    if (kind.status === 503) reply.header('retry-after', '5');
    const syntax = preferenceOf(request.headers.accept).problem;
    const { stringifyProblem } = reply.server;
    void reply
      .code(kind.status)
      .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...extras.headers })
      .type(`${PROBLEM_TYPES[syntax]}; charset=utf-8`)
      .serializer(syntax === 'xml' ? (body: object) => xmlOf(stringifyProblem(body), 'problem') : stringifyProblem)
      .send({
        type: `${this.config.publicUrl}/problems/${kind.slug}`,
        title: kind.title,
        status: kind.status,
        detail: problem.detail,
        instance: request.url,
        requestId: request.id,
        ...(extras.errors && { errors: extras.errors }),
        ...extras.members,
      });
  }
}

/** The standard phrase of a status, for logs and pages. */
export const statusPhrase = (status: number): string => `${String(status)} ${STATUS_CODES[status] ?? ''}`.trim();
