import type { FastifyInstance } from 'fastify';

/** The longest `Content-Encoding` that is looked at, in characters. */
const LONGEST = 100;

/**
 * Names of content codings are read in any case, `x-gzip` as `gzip`, and `identity` as none (RFC 9110 §8.4.1), before the
 * body is unpacked. What remains and is not taken gets 415.
 */
export function nameContentCodings(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const sent = request.headers['content-encoding'];
    if (sent !== undefined && sent.length <= LONGEST) {
      const coding = codingIn(sent);
      if (coding === '') delete request.headers['content-encoding'];
      else request.headers['content-encoding'] = coding;
    }
    done();
  });
}

const codingIn = (header: string): string =>
  header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-gzip$/, 'gzip'))
    .filter((name) => name !== '' && name !== 'identity')
    .join(', ');
