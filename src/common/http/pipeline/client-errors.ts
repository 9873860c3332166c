import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.js';
import type { ErrorKind } from '../../errors/app-error.js';
import { Unauthenticated } from '../../errors/errors.js';
import { BadRequest, HeaderTooLarge, NotImplemented, RequestTimeout } from '../errors/http-errors.js';
import { statusOf } from '../errors/status.js';
import { problemPage } from '../problems/problem-page.js';
import { PROBLEM_TYPES, type ProblemSyntax, preferenceOf } from '../syntax/accept.js';
import { xmlOf } from '../syntax/xml.js';
import { securityHeaders } from './security-headers.js';

/** What Node says of bytes that it can't make a request of. */
interface ClientError extends Error {
  code: string;
  /** A Buffer; Fastify's types say otherwise. */
  rawPacket?: unknown;
}

/**
 * Answers, as a problem too, what is refused before there is a request: a head over Node's 16 KiB, one that doesn't end, or
 * no HTTP at all. An access token that bursts the head is an invalid one (RFC 6750 §3.1).
 */
export function answerClientErrors(config: Config, logger: Logger): (error: ClientError, socket: Socket) => void {
  const always = Object.entries(securityHeaders(config)).map(([name, value]) => `${name}: ${value}`);
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const sent = headOf(error);
    const kind = kindOf(error.code, sent);
    const syntax = preferenceOf(/^accept: *(.*?)\r?$/im.exec(sent)?.[1]).problem;
    const requestId = randomUUID();
    const problem = {
      type: `${config.publicUrl}/problems/${kind.code}`,
      title: kind.title,
      status: statusOf(kind),
      code: kind.code,
      detail: kind.title,
      instance: '/',
      requestId,
    };
    const body = bodyIn(syntax, problem);
    logger.info({ requestId, status: statusOf(kind), error: error.code, address: socket.remoteAddress }, 'request');
    const head = [
      `HTTP/1.1 ${String(statusOf(kind))} ${STATUS_CODES[statusOf(kind)] ?? ''}`,
      `content-type: ${PROBLEM_TYPES[syntax]}; charset=utf-8`,
      `content-length: ${String(Buffer.byteLength(body))}`,
      `x-request-id: ${requestId}`,
      'cache-control: no-store',
      ...always,
      ...(kind === Unauthenticated ? ['www-authenticate: Bearer error="invalid_token"'] : []),
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}

function bodyIn(syntax: ProblemSyntax, problem: Parameters<typeof problemPage>[0]): string {
  if (syntax === 'html') return problemPage(problem);
  const json = JSON.stringify(problem);
  return syntax === 'xml' ? xmlOf(json, 'problem') : json;
}

/** What came of the head; not its beginning, when it is long. */
const headOf = ({ rawPacket }: ClientError): string => (Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '');

function kindOf(code: string, head: string): ErrorKind {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return RequestTimeout;
  // RFC 9110 §15.6.2: a method that Node doesn't know, in a request that is one
  if (code === 'HPE_INVALID_METHOD' && /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r\n/.test(head)) return NotImplemented;
  if (code !== 'HPE_HEADER_OVERFLOW') return BadRequest;
  return /^authorization: *bearer /im.test(head) ? Unauthenticated : HeaderTooLarge;
}
