import type { HeadersObject, OpenAPIObject } from '@nestjs/swagger';

/** The headers of responses, each of which is described once, in the components. */
const HEADERS = {
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
  'Accept-Ranges': {
    description: 'That a part of it can be asked for by `Range`.',
    required: true,
    schema: { type: 'string', enum: ['bytes'] },
  },
  'Content-Range': {
    description: 'Which bytes of how many these are, or how many there are.',
    required: true,
    schema: { type: 'string', pattern: '^bytes (\\d+-\\d+|\\*)/\\d+$', maxLength: 100 },
  },
  'Content-Disposition': {
    description: 'The name to save it by (RFC 6266).',
    required: true,
    schema: { type: 'string', pattern: '^(attachment|inline); filename="[ -~]+"$', maxLength: 200 },
  },
  Location: {
    description: 'Where what was made, or is being done, is found.',
    required: true,
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
    required: true,
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
  Deprecation: {
    description: 'From when on the operation should not be used any more, in seconds since 1970 (RFC 9745).',
    required: true,
    schema: { type: 'string', pattern: '^@-?\\d+$', maxLength: 20 },
  },
  Sunset: {
    description: 'From when on the operation may be gone (RFC 8594).',
    required: true,
    schema: { type: 'string', pattern: '^[A-Z][a-z]{2}, [ -~]+ GMT$', maxLength: 40 },
  },
  'Access-Control-Allow-Origin': {
    description: 'The origin whose pages may read the answer, when it is one of those that are configured.',
    schema: { type: 'string', pattern: '^[ -~]*$', maxLength: 2048 },
  },
} satisfies HeadersObject;

/** References to headers, for a response. */
export const headers = (...names: (keyof typeof HEADERS)[]): HeadersObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** The headers that some response of a document has. */
export function headersReferredToIn(document: OpenAPIObject): HeadersObject {
  const text = JSON.stringify(document);
  return Object.fromEntries(
    Object.entries(HEADERS).filter(([name]) => text.includes(`"#/components/headers/${name}"`)),
  );
}
