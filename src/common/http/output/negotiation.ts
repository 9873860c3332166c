import type { FastifyInstance, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { AppError } from '../../errors/app-error.js';
import { NotAcceptable } from '../errors/http-errors.js';
import { CSV_TYPE, MEDIA_TYPES, syntaxOf } from '../syntax/accept.js';
import { CODINGS } from '../syntax/etag.js';
import { isNegotiated } from '../syntax/vary.js';
import { preferredOf } from './file-answer.js';

/** Refuses, before anything is read or done, what could not be answered in a form that the client takes: 406. */
export function negotiate(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(refusalOf(request));
  });
}

function refusalOf(request: FastifyRequest): AppError | undefined {
  if (!isNegotiated(request)) return undefined;
  const { files } = request.routeOptions.config;
  if (files) return preferredOf(files, request.headers.accept).length > 0 ? undefined : notAcceptable('Accept', files);
  if (syntaxOf(request) === undefined) {
    const isCsvOffered = request.routeOptions.config.csv !== undefined;
    return notAcceptable('Accept', [...Object.values(MEDIA_TYPES), ...(isCsvOffered ? [CSV_TYPE] : [])]);
  }
  const codings = request.headers['accept-encoding'];
  if (typeof codings === 'string' && mayRefuseIdentity(codings) && codingsFor(request).length === 0) {
    return notAcceptable('Accept-Encoding', [...CODINGS, 'identity']);
  }
  return undefined;
}

function notAcceptable(header: string, available: readonly string[]): AppError {
  const offer = available.join(', ');
  return new AppError(NotAcceptable, `The answer can be had as ${offer}; ${header} takes none of these.`, {
    errors: [{ header, code: 'acceptable', detail: `must take one of ${offer}` }],
  });
}

/** RFC 9110 §12.5.3: a body as it is may be sent unless that is refused by name or by `*`. */
const mayRefuseIdentity = (codings: string): boolean => /identity|\*/i.test(codings);

/** The content codings that the request takes of those that its route can make, the preferred one first. */
export function codingsFor({ headers, routeOptions }: FastifyRequest): string[] {
  const made = routeOptions.config.compress === false ? [] : CODINGS;
  return new Negotiator({ headers }).encodings([...made, 'identity']);
}

/** The coding that a body must have because it may not be sent as it is; undefined when it may. */
export function neededCoding(request: FastifyRequest): string | undefined {
  const codings = request.headers['accept-encoding'];
  if (typeof codings !== 'string' || !mayRefuseIdentity(codings)) return undefined;
  const accepted = codingsFor(request);
  return accepted.includes('identity') ? undefined : accepted[0];
}
