import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from './load.js';
import type { Operation, World } from './operations.js';
import type { Server } from './servers.js';

/** How many requests of an operation are compared. */
const COMPARED = 20;

/**
 * Asks every server the same, before anything is measured.
 * @throws Error when a reference answers something else than Stockroom does: other members or other values; or when
 * Stockroom doesn't do what is to be measured.
 */
export async function requireSameAnswers(
  servers: readonly Server[],
  name: string,
  operation: Operation,
  world: World,
): Promise<void> {
  const [stockroom, ...references] = await Promise.all(
    servers.map(async (server) => ({ server, requests: await operation.requests(server.url, world) })),
  );
  for (const [index, request] of (stockroom?.requests ?? []).slice(0, COMPARED).entries()) {
    const expected = await ask(stockroom?.server, request, operation);
    if (expected.status !== (operation.status ?? 200)) {
      throw new Error(`${name}: Stockroom answers ${String(expected.status)} to ${request.method} ${request.path}`);
    }
    for (const { server, requests } of references) {
      const { body } = await ask(server, requests[index], operation);
      if (isDeepStrictEqual(body, expected.body)) continue;
      throw new Error(
        `${name}: ${server.name} answers ${request.method} ${request.path} with\n${JSON.stringify(body)}\nand Stockroom with\n${JSON.stringify(expected.body)}`,
      );
    }
  }
}

interface Answer {
  status: number;
  /** With only the types of those members whose values differ by nature; of a 304, what it stands for. */
  body: unknown;
}

async function ask(
  server: Server | undefined,
  request: LoadRequest | undefined,
  { differing }: Operation,
): Promise<Answer> {
  if (!server || !request) throw new Error('the servers are not asked the same');
  const { method, path, headers, body } = request;
  const sent = { method, headers, body: body?.replace('{{n}}', randomUUID()) };
  const response = await fetch(`${server.url}${path}`, sent);
  const shown = response.status === 304 ? await fetch(`${server.url}${path}`) : response;
  const text = await shown.text();
  if (!shown.ok) throw new Error(`${server.name} answers ${method} ${path} with ${String(shown.status)} ${text}`);
  const masked: unknown = JSON.parse(text, (member, value: unknown) =>
    differing.includes(member) ? typeof value : value,
  );
  return { status: response.status, body: masked };
}
