import { createParamDecorator, type ExecutionContext, type ParamDecoratorEnhancer } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type ExpectedVersions, versionError } from '../../database/versions.js';
import { AppError } from '../../errors/app-error.js';
import { PreconditionRequired } from '../errors/http-errors.js';
import { versionIn } from '../syntax/etag.js';

/**
 * The `If-Match` of a request that changes a versioned resource: a tag stands for its version, whichever view it is of.
 * @throws AppError 428 without one; RFC 6585 §3.
 */
function readIfMatch(header: string | undefined): readonly number[] | '*' {
  if (header === undefined) {
    throw new AppError(PreconditionRequired, 'Send the ETag of the state that you changed as If-Match.', {
      errors: [{ header: 'If-Match', code: 'required', detail: 'must be the ETag of the resource' }],
    });
  }
  if (header.trim() === '*') return '*';
  // A weak tag never matches here (RFC 9110 §13.1.1), nor does one that we didn't make.
  return versionsIn(header.replaceAll(/W\/"[^"]*"/g, ''));
}

const versionsIn = (header: string): number[] =>
  Array.from(header.matchAll(/"([^"]*)"/g), ([, tag = '']) => versionIn(tag)).filter(
    (version) => version !== undefined,
  );

/** Both conditions of a change, where both are there: it needs both to hold; RFC 9110 §13.2.2. */
function readConditions(headers: FastifyRequest['headers']): ExpectedVersions {
  const expected = readIfMatch(headers['if-match']);
  const known = headers['if-none-match'];
  if (known === undefined) return expected;
  if (known.trim() === '*') return [];
  const except = versionsIn(known);
  return expected === '*' ? { except } : expected.filter((version) => !except.includes(version));
}

/** Why the `If-Match` of a GET refuses what it would show, if it does; RFC 9110 §13.1.1. */
export function refusalToShow({ headers, method }: FastifyRequest, version: number): AppError | undefined {
  const expected = headers['if-match'];
  if (expected === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return versionError(readIfMatch(expected), version);
}

/** Thrown to answer 304: the client has what it asks for, under this tag. It is no failure, so no stack is captured. */
export class NotModified extends Error {
  readonly etag: string;

  constructor(etag: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super('Not Modified');
    Error.stackTraceLimit = stackTraceLimit;
    this.etag = etag;
  }
}

/**
 * The versions named by `If-Match`, but those of `If-None-Match`; using it makes the header required on the route, and says so in the document. What is
 * not there is 404 with any precondition: a precondition counts only where there would be success without it (RFC 9110 §13.2.1).
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ExpectedVersions =>
    readConditions(context.switchToHttp().getRequest<FastifyRequest>().headers),
  [documentIfMatch(true)],
);

/** As {@link IfMatch}, for what is done to a resource in any version of it: the header counts where it is sent. */
export const OptionalIfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ExpectedVersions => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    return readConditions({ ...headers, 'if-match': headers['if-match'] ?? '*' });
  },
  [documentIfMatch(false)],
);

function documentIfMatch(required: boolean): ParamDecoratorEnhancer {
  const document = ApiHeader({
    name: 'If-Match',
    required,
    description: 'The `ETag` of the version that you change, from the last response; `*` for any version.',
    schema: { type: 'string', maxLength: 1000, example: '*' },
  });
  return (controller, method) => {
    if (method === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(controller, method);
    if (descriptor) document(controller, method, descriptor);
  };
}
