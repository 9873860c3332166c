import type { HeadersObject } from '@nestjs/swagger';

/** The headers of responses, each of which is described once, in the components. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'What to name when reporting something; the log has it too. Yours, if the request sent one.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$', maxLength: 64 },
  },
  ETag: {
    description:
      'The state of the resource: `If-Match` for a change, `If-None-Match` to ask whether there is a newer one.',
    schema: { type: 'string', pattern: '^(W/)?"[!#-~]*"$', maxLength: 200 },
  },
  Location: {
    description: 'Where what was made, or is being done, is found.',
    schema: { type: 'string', format: 'uri-reference', maxLength: 2048 },
  },
  Link: {
    description: 'The next page, unless this is the last: `rel="next"` (RFC 8288).',
    schema: { type: 'string', pattern: '^<[^>]*>; rel="next"$', maxLength: 4096 },
  },
  'Idempotency-Replayed': {
    description: '`true` when it is the answer of the first request with the same `Idempotency-Key`.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Retry-After': {
    description: 'After how many seconds to try again.',
    schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
  },
  'WWW-Authenticate': {
    description: 'How to sign in (RFC 6750).',
    schema: { type: 'string', pattern: '^Bearer', maxLength: 200 },
  },
  RateLimit: {
    description:
      'What is left of the quota, and in how many seconds it is full again (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string', pattern: '^[ -~]*$', maxLength: 200 },
  },
  'RateLimit-Policy': {
    description: 'The quota, and the window it is for (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string', pattern: '^[ -~]*$', maxLength: 200 },
  },
  'Access-Control-Allow-Origin': {
    description: 'The origin whose pages may read the answer, when it is one of those that are configured.',
    schema: { type: 'string', pattern: '^[ -~]*$', maxLength: 2048 },
  },
} satisfies HeadersObject;

/** References to headers, for a response. */
export const headers = (...names: (keyof typeof HEADERS)[]): HeadersObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
