import type { FastifyReply, FastifyRequest } from 'fastify';

/** How much of a body that is for nobody is still read, in bytes, to keep the connection. */
const READ_TO_THE_END = 64 * 1024;

/**
 * Closes the connection after an answer that comes before the body was read, if much may still come: Node would read all
 * of it to find the next request. A short body is read, so that a client whose token ran out keeps its connection.
 */
export function closeAfterRefusal({ headers, raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete) return;
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > READ_TO_THE_END) {
    reply.header('connection', 'close');
  }
}
