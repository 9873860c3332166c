import type { OpenAPIObject, OperationObject, ParameterObject, ResponsesObject } from '@nestjs/swagger';
import { type ProblemKind, problemKinds } from '../http/problem.js';
import * as problems from '../http/problems.js';
import { permissions } from '../security/permissions.js';

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

const PLATFORM = 'Health';

/** What decorators leave in an operation for {@link completeDocument}. */
interface DeclaredOperation extends OperationObject {
  'x-access'?: string;
  'x-problems'?: string[];
}

/**
 * Adds what follows from the mechanisms, so that no route has to say it: the problems each operation can answer, who
 * may call it, the form of ids, the headers of successes; and puts nullable members as OpenAPI 3.1 does.
 */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  for (const operation of operationsOf(document)) completeOperation(operation);
  document.tags = tagsOf(document);
  nullAsType(document);
  return document;
}

const operationsOf = ({ paths }: OpenAPIObject): DeclaredOperation[] =>
  Object.values(paths)
    .flatMap(({ get, post, put, patch, delete: remove }) => [get, post, put, patch, remove])
    .filter((operation) => operation !== undefined);

/** The features in the order of the table of contents, and the platform after them. */
function tagsOf(document: OpenAPIObject): { name: string }[] {
  const names = [...new Set(operationsOf(document).flatMap(({ tags = [] }) => tags))];
  return names.sort((a, b) => Number(a === PLATFORM) - Number(b === PLATFORM)).map((name) => ({ name }));
}

function completeOperation(operation: DeclaredOperation): void {
  for (const parameter of operation.parameters ?? []) {
    if (!('in' in parameter)) continue;
    if (isId(parameter)) parameter.schema = { type: 'string', format: 'uuid' };
    if (hasDefault(parameter)) parameter.required = false;
    if (isList(parameter)) Object.assign(parameter, { style: 'form', explode: false });
  }
  const permission = permissions().get(operation['x-access'] ?? '');
  if (permission) {
    const note = `Needs \`${permission.name}\` (${permission.roles.join(', ')}).`;
    operation.description = [operation.description, note].filter(Boolean).join(' ');
  }
  const byStatus = Map.groupBy(problemsOf(operation), (kind) => kind.status);
  const responses: ResponsesObject = operation.responses;
  for (const [status, kinds] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[String(status)] = {
      description: kinds.map((kind) => `\`${kind.slug}\`: ${kind.title}.`).join(' '),
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/ProblemDto' },
          examples: Object.fromEntries(kinds.map((kind) => [kind.slug, { value: exampleOf(kind) }])),
        },
      },
    };
  }
}

const isId = (parameter: ParameterObject): boolean => parameter.in === 'path' && /(^id|Id)$/.test(parameter.name);

const hasDefault = ({ schema }: ParameterObject): boolean => schema !== undefined && 'default' in schema;
const isList = ({ schema }: ParameterObject): boolean =>
  schema !== undefined && 'type' in schema && schema.type === 'array';

/** What the mechanisms on an operation's way can answer, and what it says itself. */
function problemsOf(operation: DeclaredOperation): ProblemKind[] {
  const access = operation['x-access'];
  const parameters = (operation.parameters ?? []).filter((parameter) => 'in' in parameter);
  const own = new Set(operation['x-problems']);
  return [
    ...(parameters.length > 0 || operation.requestBody ? [problems.BadRequest] : []),
    ...(parameters.some(({ in: place }) => place === 'query' || place === 'path') ? [problems.InvalidParameter] : []),
    ...(parameters.some(({ name }) => name === 'cursor') ? [problems.InvalidCursor] : []),
    problems.Unauthenticated,
    ...(permissions().has(access ?? '') ? [problems.Forbidden] : []),
    ...(parameters.some(({ in: place }) => place === 'path') ? [problems.NotFound] : []),
    ...(parameters.some(({ name }) => name === 'If-Match')
      ? [problems.PreconditionFailed, problems.PreconditionRequired]
      : []),
    ...(operation.requestBody
      ? [problems.PayloadTooLarge, problems.UnsupportedMediaType, problems.ValidationFailed]
      : []),
    problems.InternalError,
    problems.Unavailable,
    ...problemKinds().filter((kind) => own.has(kind.slug)),
  ];
}

function exampleOf(kind: ProblemKind): object {
  return {
    type: `/problems/${kind.slug}`,
    title: kind.title,
    status: kind.status,
    detail: kind.title,
    instance: '/api/v1/…',
    requestId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
  };
}

/** `nullable: true`, which is OpenAPI 3.0, becomes a type `null` in every schema below. */
function nullAsType(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as Record<string, Json>;
  if (schema.nullable === true) {
    delete schema.nullable;
    if (typeof schema.type === 'string') {
      schema.type = [schema.type, 'null'];
      if (Array.isArray(schema.enum)) schema.enum = [...schema.enum, null];
    } else {
      const { $ref, allOf, ...rest } = schema;
      const referred: Json[] = Array.isArray(allOf) ? allOf : $ref === undefined ? [] : [{ $ref }];
      for (const member of Object.keys(schema)) Reflect.deleteProperty(schema, member);
      Object.assign(schema, rest, { anyOf: [...referred, { type: 'null' }] });
    }
  }
  for (const child of Object.values(schema)) nullAsType(child);
}
