import type { FastifyRequest } from 'fastify';

/** `http://host` of a target in absolute form; RFC 9112 §3.2.2. */
const ORIGIN = /^https?:\/\/[^/?#]+/i;
/** Characters that mean the same with and without percent-encoding; RFC 3986 §2.3. */
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * The target of a request in one spelling, so that all code that reads `request.url` sees what the router sees: in origin
 * form, without a fragment, and with nothing percent-encoded that need not be (RFC 3986 §6.2.2). A path whose
 * percent-encoding is broken keeps its characters, encoded again: it matches no route that it was not meant for, is
 * counted like any other, and is refused with 400 by {@link isBroken}.
 */
export function normalizeTarget(target: string): string {
  if (target.startsWith('/') && !target.includes('%') && !target.includes('#')) return target;
  const local = target.replace(ORIGIN, '').replace(/#.*$/s, '');
  const end = local.indexOf('?');
  const path = end === -1 ? local : local.slice(0, end);
  const query = end === -1 ? '' : local.slice(end);
  return `${normalizePath(path) || '/'}${query}`;
}

function normalizePath(path: string): string {
  if (!path.includes('%')) return path;
  if (!isDecodable(path)) return path.replaceAll('%', '%25');
  return path.replace(/%([\da-f]{2})/gi, (encoded, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}

/** Whether the target as it was sent has percent-encoding that is broken, or stands for no UTF-8. */
export function isBroken({ originalUrl }: FastifyRequest): boolean {
  return originalUrl.includes('%') && !isDecodable(originalUrl);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The path of a request, without its query. */
export const pathOf = ({ url }: FastifyRequest): string => {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};

/** Whether a request is for the API: by the route that takes it, or by its path where there is none. */
export const isApi = (request: FastifyRequest): boolean =>
  (request.routeOptions.url ?? request.url).startsWith('/api/');
