import type { HeadersObject, ReferenceObject, ResponseObject } from '@nestjs/swagger';
import { type ErrorKind, errorKinds } from '../errors/app-error.js';
import { TooManyRequests, Unavailable, ValidationFailed } from '../errors/errors.js';
import { IdempotencyKeyInUse } from '../http/errors/http-errors.js';
import { statusOf } from '../http/errors/status.js';
import { CSV_TYPE, MEDIA_TYPES, PROBLEM_TYPES } from '../http/syntax/accept.js';
import { csvOf } from '../http/syntax/csv.js';
import { referenceTo, resolve, type Schema, type Schemas } from '../json-schema/schema.js';
import { exampleOf } from './examples.js';
import { headers } from './headers.js';
import type { DeclaredOperation, Located } from './operations.js';

/** The schema of every failure. */
export const PROBLEM = 'ProblemDto';

/** On every response, of success or failure. */
const ALWAYS = headers('X-Request-Id', 'RateLimit', 'RateLimit-Policy', 'Access-Control-Allow-Origin');

/** What passes by waiting, so that `Retry-After` says how long. */
const WAITING = new Set<ErrorKind>([IdempotencyKeyInUse, TooManyRequests, Unavailable]);

/** What a success of a status means, in words. */
const MEANING: Record<string, string> = {
  200: 'OK.',
  201: 'Created. `Location` is its address.',
  202: 'Accepted for processing.',
  204: 'No content.',
};

/** A page as CSV: a line for each row, and one before them that names the columns; RFC 4180. */
const CSV: Schema = { type: 'string', pattern: '\\r\\n$', maxLength: 1_048_576 };

/** What every string of the document has to have: far more than a file of 1,048,575 products has, in bytes. */
const MAX_DOWNLOAD = 2 ** 40;

/** Says of an operation's success what it means, its headers and its media types, and gives an example. */
export function completeSuccess({ path, method, operation }: Located, schemas: Schemas): void {
  // before its outcome is known, it is answered with the same resource as it is
  if (operation['x-idempotent'] === 'phased') operation.responses[202] ??= structuredClone(operation.responses[201]);
  if (operation['x-files']) {
    completeFiles(operation, operation['x-files']);
    return;
  }
  if (operation['x-downloads']) {
    operation.responses = { 200: downloadOf(operation['x-downloads']) };
    return;
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    const schema: Schema | undefined = response.content?.['application/json']?.schema;
    const body = schema && resolve(schema, schemas);
    const isVersioned = method === 'get' && body?.properties?.version !== undefined;
    const isKnownByTag = isVersioned || operation['x-cacheable'];
    const announced = operation.deprecated && headers('Deprecation', 'Sunset');
    response.description ||= MEANING[status] ?? '';
    response.headers = {
      ...ALWAYS,
      ...headersOf(status, body),
      ...(isKnownByTag && headers('ETag')),
      ...(operation['x-idempotent'] && headers('Idempotency-Replayed')),
      ...announced,
    };
    if (!schema) continue;
    const example = exampleOf(schema, schemas);
    const csv = operation['x-csv'];
    response.content = {
      [MEDIA_TYPES.json]: { schema, example },
      ...(isNegotiated(path) && { [MEDIA_TYPES.xml]: { schema: { ...schema, xml: { name: 'resource' } } } }),
      ...(csv && { [CSV_TYPE]: { schema: CSV, example: csvOf(JSON.stringify(example), csv) } }),
    };
    if (isVersioned) operation['x-versioned'] = true;
    if (isKnownByTag) {
      operation.responses[304] = {
        description: 'Not modified.',
        headers: { ...ALWAYS, ...headers('ETag'), ...announced },
      };
    }
  }
}

/** Says of an operation that answers files what they are, that a part of one can be had, and that it may be known already. */
function completeFiles(
  operation: DeclaredOperation,
  { types, maxLength }: { types: readonly string[]; maxLength: number },
): void {
  const content = Object.fromEntries(
    types.map((type) => [type, { schema: { type: 'string', format: 'binary', maxLength } }]),
  );
  const always = { ...ALWAYS, ...headers('ETag') };
  operation.responses = {
    200: { description: 'The file.', headers: { ...always, ...headers('Accept-Ranges') }, content },
    206: { description: 'A part of the file.', headers: { ...always, ...headers('Content-Range') }, content },
    304: { description: 'Not modified.', headers: always },
  };
}

/** A file that is made while it is sent: it has no length, and no part of it can be had. */
const downloadOf = (types: readonly string[]): ResponseObject => ({
  description: 'The file.',
  headers: { ...ALWAYS, ...headers('Content-Disposition') },
  content: Object.fromEntries(
    types.map((type) => [type, { schema: { type: 'string', format: 'binary', maxLength: MAX_DOWNLOAD } }]),
  ),
});

/** Whether the answers at a path are negotiated: probes and keys are what they are. */
export const isNegotiated = (path: string): boolean => path.startsWith('/api/');

function headersOf(status: string, body?: Schema): HeadersObject {
  const { version, id, page } = body?.properties ?? {};
  return {
    ...(version && headers('ETag')),
    ...((status === '201' || status === '202') && id && headers('Location')),
    // when to ask Location for the first time
    ...(status === '202' && id && headers('Retry-After')),
    ...(page && headers('Link')),
  };
}

/** Lets the schema of failures have the members that kinds of failure bring. */
export function documentProblems(schemas: Schemas): void {
  const problem = schemas[PROBLEM];
  if (!problem?.properties) throw new Error(`the document has no ${PROBLEM}`);
  for (const { code, members } of errorKinds()) {
    for (const [name, schema] of Object.entries(members)) {
      const note = `With \`${code}\`: ${schema.description ?? name}`;
      problem.properties[name] = { ...schema, description: note };
    }
  }
}

const codesOf = (kinds: ErrorKind[]): string[] => kinds.map(({ code }) => code);

/** The responses that tell of failures; what many operations share is described once, in the components. */
export class ProblemResponses {
  readonly shared: Record<string, ResponseObject> = {};

  constructor(private readonly schemas: Schemas) {}

  /** Adds to an operation the failures that it can answer. */
  add(operation: DeclaredOperation, kinds: readonly ErrorKind[]): void {
    const byStatus = Map.groupBy(new Set(kinds), statusOf);
    for (const [status, ofStatus] of [...byStatus].sort(([a], [b]) => a - b)) {
      operation.responses[String(status)] = this.responseOf(ofStatus);
    }
  }

  private responseOf(kinds: ErrorKind[]): ReferenceObject {
    const name = kinds
      .map(({ code }) => code.replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase()))
      .join('Or');
    this.shared[name] ??= this.describe(kinds);
    return { $ref: `#/components/responses/${name}` };
  }

  private describe(kinds: ErrorKind[]): ResponseObject {
    const [status] = kinds.map(statusOf);
    const schema = referenceTo(PROBLEM);
    const media = {
      schema: { allOf: [schema, { properties: { code: { type: 'string', enum: codesOf(kinds) } } }] },
      examples: Object.fromEntries(
        kinds.map((kind) => [kind.code, { summary: kind.title, value: this.exampleOf(kind) }]),
      ),
    };
    return {
      description: kinds.map(({ code, title }) => `[\`${code}\`](/problems/${code}): ${title}.`).join(' '),
      headers: {
        ...ALWAYS,
        ...(status === 401 && headers('WWW-Authenticate')),
        ...(status === 412 && headers('ETag')),
        ...(status === 416 && headers('Content-Range')),
        ...(kinds.some((kind) => WAITING.has(kind)) && headers('Retry-After')),
      },
      content: {
        [PROBLEM_TYPES.json]: media,
        [PROBLEM_TYPES.xml]: { schema: { ...schema, xml: { name: 'problem' } } },
      },
    };
  }

  private exampleOf(kind: ErrorKind): object {
    const { code, title, members } = kind;
    return {
      type: `https://shop.example/problems/${code}`,
      title,
      status: statusOf(kind),
      code,
      detail: `${title}.`,
      instance: '/api/v1/…',
      requestId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
      ...(kind === ValidationFailed && {
        errors: [
          { pointer: '#/name', code: 'blank', detail: 'must have something that can be seen, and not only spaces' },
        ],
      }),
      ...Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, exampleOf(schema, this.schemas)])),
    };
  }
}
