import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { BadRequest, HttpVersionNotSupported } from '../errors/http-errors.js';
import { isBroken } from '../syntax/target.js';

/** The longest `Host` that is looked at: a name of 253 characters, and a port. */
const MAX_HOST = 300;
/** `uri-host [ ":" port ]`; RFC 9110 §7.2. Empty where the target has no authority. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d{0,5})?$/i;

/** Refuses what Node reads as a request though HTTP doesn't allow it: counted like any other, and before anything is done. */
export function refuseMalformed(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(faultOf(request));
  });
}

function faultOf(request: FastifyRequest): AppError | undefined {
  const { raw } = request;
  if (raw.httpVersionMajor !== 1) {
    return new AppError(HttpVersionNotSupported, `HTTP/${raw.httpVersion} is not spoken here: send HTTP/1.1.`);
  }
  if (isBroken(request)) {
    return new AppError(BadRequest, 'The address has percent-encoding that is broken, or stands for no UTF-8.');
  }
  // RFC 9112 §3.2: Node keeps the first Host, a proxy may have routed by another
  if (hostsIn(raw.rawHeaders) > 1) return new AppError(BadRequest, 'The request has more than one Host.');
  const { host = '' } = raw.headers;
  if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
    return new AppError(BadRequest, 'The request has no Host.');
  }
  if (host.length > MAX_HOST || !HOST.test(host)) return new AppError(BadRequest, 'Host is not a name and a port.');
  return undefined;
}

/** How many `Host` fields there are, in the list of names and values that Node read. */
function hostsIn(fields: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}
