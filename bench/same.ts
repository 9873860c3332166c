import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from './load.js';
import type { Operation, World } from './operations.js';
import type { Server } from './servers.js';

/** How many requests of an operation are compared. */
const COMPARED = 20;

/**
 * Asks every server the same, before anything is measured.
 * @throws Error when a reference answers something else than Stockroom does: other members or other values.
 */
export async function requireSameAnswers(
  servers: readonly Server[],
  name: string,
  operation: Operation,
  world: World,
): Promise<void> {
  const asked = await Promise.all(
    servers.map(async ({ url, name: server }) => ({ url, server, asked: await operation.requests(url, world) })),
  );
  for (let index = 0; index < Math.min(COMPARED, asked[0]?.asked.length ?? 0); index++) {
    const answers = await Promise.all(
      asked.map(async ({ url, server, asked: requests }) => {
        const request = requests[index];
        if (!request) throw new Error(`${name}: ${server} is asked less`);
        return { server, request, body: await answerTo(url, request, operation.differing) };
      }),
    );
    const [expected, ...others] = answers;
    for (const { server, request, body } of others) {
      if (isDeepStrictEqual(body, expected?.body)) continue;
      throw new Error(
        `${name}: ${server} answers ${request.method} ${request.path} with\n${JSON.stringify(body)}\nand Stockroom with\n${JSON.stringify(expected?.body)}`,
      );
    }
  }
}

/** The body, with only the types of those members whose values differ by nature. */
async function answerTo(url: string, request: LoadRequest, differing: readonly string[]): Promise<unknown> {
  const { method, path, body } = request;
  const { 'if-none-match': _, ...headers } = request.headers ?? {};
  const response = await fetch(`${url}${path}`, { method, headers, body: body?.replace('{{n}}', randomUUID()) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}${path}: ${String(response.status)} ${text}`);
  return JSON.parse(text, (member, value: unknown) => (differing.includes(member) ? typeof value : value));
}
