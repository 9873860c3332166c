import type { IncomingHttpHeaders } from 'node:http';

/**
 * The longest header that is negotiated by, in characters: ten times what browsers send. Reading one takes time that grows with it,
 * so a longer one counts as if it were not there, which RFC 9110 §12.5 allows.
 */
export const MAX_NEGOTIATED = 1024;

const NEGOTIATED = ['accept', 'accept-charset', 'accept-encoding', 'accept-language'] as const;

/** What a client may not decide: `@fastify/compress` would leave the body to be compressed at any price. */
const IGNORED = ['x-no-compression'] as const;

/** Drops, before anything reads them, headers that are too long to be negotiated by and such as are ignored. */
export function dropHeaders(headers: IncomingHttpHeaders): void {
  for (const name of NEGOTIATED) {
    const value = headers[name];
    if (value !== undefined && value.length > MAX_NEGOTIATED) Reflect.deleteProperty(headers, name);
  }
  for (const name of IGNORED) if (headers[name] !== undefined) Reflect.deleteProperty(headers, name);
}
