import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Database } from './database.js';
import type { LoadRequest } from './load.js';
import { cleanUp } from './measure.js';
import type { Operation, World } from './operation.js';
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
  database: Database,
): Promise<void> {
  const [stockroom, ...references] = await answersOf(servers, operation, world, database);
  for (const [index, { asked, status, body }] of (stockroom?.answers ?? []).entries()) {
    if (status !== (operation.status ?? 200)) {
      throw new Error(`${name}: Stockroom answers ${String(status)} to ${asked}`);
    }
    for (const { server, answers } of references) {
      const other = answers[index]?.body;
      if (isDeepStrictEqual(other, body)) continue;
      throw new Error(
        `${name}: ${server.name} answers ${asked} with\n${JSON.stringify(other)}\nand Stockroom with\n${JSON.stringify(body)}`,
      );
    }
  }
}

interface Answer {
  /** What was asked: `GET /api/v1/products`. */
  asked: string;
  status: number;
  /** With only the types of those members whose values differ by nature; of a 304, what it stands for; of a file, its type and its bytes. */
  body: unknown;
}

/** What each server answers; what it has done is undone before the next one is asked. */
async function answersOf(
  servers: readonly Server[],
  operation: Operation,
  world: World,
  database: Database,
): Promise<{ server: Server; answers: Answer[] }[]> {
  const found: { server: Server; answers: Answer[] }[] = [];
  for (const server of servers) {
    const requests = await operation.requests(server.url, world);
    const answers: Answer[] = [];
    for (const request of requests.slice(0, COMPARED)) {
      const { id, ...answer } = await ask(server, request, operation);
      answers.push(answer);
      if (request.next) answers.push(await ask(server, request.next, operation, id));
    }
    found.push({ server, answers });
    await cleanUp(operation, database);
  }
  return found;
}

/** @param id what `{{id}}` is in the path. */
async function ask(
  server: Server,
  { method, path: pattern, headers = {}, body }: LoadRequest,
  { differing }: Operation,
  id = '',
): Promise<Answer & { id?: string }> {
  const path = pattern.replace('{{id}}', id);
  const numbered = (text: string): string => text.replace('{{n}}', randomUUID());
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, numbered(value)]));
  const response = await fetch(`${server.url}${path}`, { method, headers: own, body: body && numbered(body) });
  const shown = response.status === 304 ? await fetch(`${server.url}${path}`) : response;
  const bytes = Buffer.from(await shown.arrayBuffer());
  const text = bytes.toString();
  if (!shown.ok) throw new Error(`${server.name} answers ${method} ${path} with ${String(shown.status)} ${text}`);
  const type = shown.headers.get('content-type') ?? '';
  if (!type.includes('json'))
    return { asked: `${method} ${pattern}`, status: response.status, body: [type, bytes.toString('base64')] };
  const masked: unknown = JSON.parse(text, (member, value: unknown) =>
    differing.includes(member) ? typeof value : value,
  );
  return {
    asked: `${method} ${pattern}`,
    status: response.status,
    body: masked,
    id: (JSON.parse(text) as { id?: string }).id,
  };
}
