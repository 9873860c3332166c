import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Answers that something cannot be done. */
export const refused = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).send({ message: STATUS_CODES[status] });
