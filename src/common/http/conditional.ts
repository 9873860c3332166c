import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { etagOf, versionIn } from './etag.js';
import { Problem } from './problem.js';
import { PreconditionFailed, PreconditionRequired } from './problems.js';

/** The states that a change may be applied to, as `If-Match` names them; `*` is any. */
export type ExpectedVersions = readonly number[] | '*';

/**
 * The `If-Match` of a request that changes a versioned resource: a tag stands for its version, whichever view it is of.
 * @throws Problem 428 without one; RFC 6585 §3.
 */
function readIfMatch(header: string | undefined): ExpectedVersions {
  if (header === undefined) {
    throw new Problem(PreconditionRequired, 'Send the ETag of the state that you changed as If-Match.', {
      errors: [{ header: 'If-Match', code: 'required', detail: 'must be the ETag of the resource' }],
    });
  }
  if (header.trim() === '*') return '*';
  // A weak tag never matches here (RFC 9110 §13.1.1), nor does one that we didn't make.
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag]) => {
    const version = weak ? undefined : versionIn(tag ?? '');
    return version === undefined ? [] : [version];
  });
}

/** @throws Problem 412 with the present ETag when the resource is in another state than expected. */
export function requireVersion(expected: ExpectedVersions, version: number): void {
  if (expected === '*' || expected.includes(version)) return;
  throw new Problem(PreconditionFailed, `The resource has changed since you read it: it is ${etagOf(version)} now.`, {
    headers: { etag: etagOf(version) },
  });
}

/**
 * The versions named by `If-Match`; using it makes the header required on the route, and says so in the document. What is
 * not there is 404 whatever it says: a precondition counts only where there would be success without it (RFC 9110 §13.2.1).
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ExpectedVersions =>
    readIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
  [
    (controller, method): void => {
      if (method === undefined) return;
      const descriptor = Object.getOwnPropertyDescriptor(controller, method);
      if (descriptor) documentIfMatch(controller, method, descriptor);
    },
  ],
);

const documentIfMatch = ApiHeader({
  name: 'If-Match',
  required: true,
  description: 'The `ETag` of the state that you change, as the last answer gave it; `*` for whatever state it is in.',
  schema: { type: 'string', maxLength: 200, example: '*' },
});
