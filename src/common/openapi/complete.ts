import type { OpenAPIObject, ParameterObject } from '@nestjs/swagger';
import { type ErrorKind, errorKinds } from '../errors/app-error.js';
import * as errors from '../errors/errors.js';
import * as httpErrors from '../http/errors/http-errors.js';
import type { Schema, Schemas } from '../json-schema/schema.js';
import { permissions } from '../security/permissions.js';
import { documentBodyLimit } from './body-limits.js';
import type { DtoClasses } from './dto-classes.js';
import { exampleOf } from './examples.js';
import { headersReferredToIn } from './headers.js';
import { type DeclaredOperation, type Located, locatedOperationsOf, operationsOf } from './operations.js';
import { completeSuccess, documentProblems, isNegotiated, ProblemResponses } from './responses.js';
import { completeSchemas } from './schemas.js';

/** The tags that a reader needs first, and those that hardly anybody reads: the features stand between them. */
const FIRST = ['Auth', 'Products'];
const LAST = ['Jwks', 'Health'];
/** What decorators leave for this completion alone. */
const INTERNAL = [
  'x-about',
  'x-body-examples',
  'x-cacheable',
  'x-csv',
  'x-deprecated',
  'x-files',
  'x-downloads',
  'x-form',
  'x-idempotent',
  'x-problems',
  'x-versioned',
] as const satisfies (keyof DeclaredOperation)[];
const MERGE_PATCH = 'application/merge-patch+json';

/**
 * Adds what follows from the mechanisms, so that no route has to say it: what class-validator enforces, the problems each
 * operation can answer, who may call it, the headers of answers, and examples.
 */
export function completeDocument(document: OpenAPIObject, classes: DtoClasses): OpenAPIObject {
  completeSchemas(document, classes);
  const schemas: Schemas = document.components?.schemas ?? {};
  documentProblems(schemas);
  const problemResponses = new ProblemResponses(schemas);
  document.tags = tagsOf(document);
  for (const server of document.servers ?? []) Object.assign(server, { 'x-internal': false });
  for (const located of locatedOperationsOf(document)) {
    completeOperation(located, schemas);
    documentBodyLimit(located, schemas);
    completeSuccess(located, schemas);
    problemResponses.add(located.operation, problemsOf(located));
    for (const internal of INTERNAL) Reflect.deleteProperty(located.operation, internal);
  }
  document.components = { ...document.components, responses: problemResponses.shared, headers: {} };
  document.components.headers = headersReferredToIn(document);
  return document;
}

/** The tags in the order of the page: {@link FIRST}, the features as the table of contents has them, {@link LAST}. */
function tagsOf(document: OpenAPIObject): { name: string; description?: string }[] {
  const about = new Map<string, string | undefined>();
  for (const { tags = [], 'x-about': text } of operationsOf(document)) for (const tag of tags) about.set(tag, text);
  return [...about].sort(([a], [b]) => rank(a) - rank(b)).map(([name, description]) => ({ name, description }));
}

const rank = (tag: string): number => (FIRST.includes(tag) ? FIRST.indexOf(tag) - FIRST.length : LAST.indexOf(tag) + 1);

/**
 * A docstring's first sentence is the summary, the rest the description: neither repeats the other. A summary is a heading and
 * ends without a full stop.
 */
function splitSummary(operation: DeclaredOperation): void {
  const text = operation.description ?? operation.summary ?? '';
  const [, summary = text, rest = ''] = /^(.+?)\.(?:\s+([^]*))?$/.exec(text) ?? [];
  operation.summary = summary;
  operation.description = rest.trim();
}

function completeOperation({ method, path, operation }: Located, schemas: Schemas): void {
  if (operation['x-idempotent'] && operation['x-access'] === 'public') {
    throw new Error(
      `${method.toUpperCase()} ${path} is @Public(), and @Idempotent() is for routes that know their caller`,
    );
  }
  if (operation['x-deprecated']) operation.deprecated = true;
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && isId(parameter)) {
      parameter.schema = { type: 'string', format: 'uuid', maxLength: 36 };
      parameter.description ??= 'The id, as in a response.';
    }
  }
  splitSummary(operation);
  operation.description = [operation.description, whoMay(operation, path)].filter(Boolean).join('\n\n');
  operation.security ??= [];
  if (!operation.requestBody || !('content' in operation.requestBody)) return;
  const { content } = operation.requestBody;
  if (method === 'patch' && content['application/json']) content[MERGE_PATCH] = { ...content['application/json'] };
  if (operation['x-form']) content['multipart/form-data'] = { schema: operation['x-form'] };
  for (const [type, media] of Object.entries(content)) {
    const schema: Schema | undefined = media.schema;
    const example = operation['x-body-examples']?.[type] ?? (schema && exampleOf(schema, schemas));
    if (method === 'patch' && typeof example === 'object' && example) media.examples = patchExamples(example);
    else media.example = example;
  }
}

/** A change of one thing, which can be sent as it is, and what else there is to change. */
function patchExamples(all: object): Record<string, { summary: string; value: object }> {
  const own = Object.entries(all).filter(([member]) => !/Ids?$/.test(member));
  const one = 'name' in all ? { name: 'A new name' } : Object.fromEntries(own.slice(0, 1));
  return {
    one: { summary: 'One thing: what is left out stays', value: one },
    all: { summary: 'All that can be changed', value: all },
  };
}

function whoMay(operation: DeclaredOperation, path: string): string {
  const { 'x-access': access = '', 'x-owner': owner, security = [] } = operation;
  if (owner !== undefined) {
    const others = permissions().get(owner);
    const holders = others ? ` and for holders of \`${others.name}\` (${others.roles.join(', ')})` : '';
    return path.includes('{')
      ? `For its owner${holders}; for others it does not exist.`
      : `Lists what the caller owns${others ? `; holders of \`${others.name}\` (${others.roles.join(', ')}) get what everybody owns` : ''}.`;
  }
  const permission = permissions().get(access);
  if (permission) return `Needs \`${permission.name}\` (${permission.roles.join(', ')}).`;
  if (access === 'signed-in') return 'For every user who is signed in.';
  return security.length > 0 ? 'Public. Users who are signed in may see more.' : 'Public.';
}

const isId = (parameter: ParameterObject): boolean => parameter.in === 'path' && /(^id|Id)$/.test(parameter.name);

/** What the mechanisms on an operation's way can answer, and what it says itself. */
function problemsOf({ path, method, operation }: Located): ErrorKind[] {
  const idempotent = operation['x-idempotent'];
  const access = operation['x-access'];
  const parameters = (operation.parameters ?? []).filter((parameter) => 'in' in parameter);
  const version = parameters.find(({ name }) => name === 'If-Match');
  const own = new Set(operation['x-problems']);
  return [
    httpErrors.BadRequest,
    errors.InvalidParameter,
    ...(parameters.some(({ name }) => name === 'cursor') ? [errors.InvalidCursor] : []),
    errors.Unauthenticated,
    ...(permissions().has(access ?? '') ? [errors.Forbidden] : []),
    ...(parameters.some(({ in: place }) => place === 'path') ? [errors.NotFound] : []),
    ...(operation['x-versioned'] || version ? [errors.Outdated] : []),
    ...(version?.required ? [httpErrors.PreconditionRequired] : []),
    // a body that nobody asked for is read all the same, except that of a GET
    ...(method === 'get' ? [] : [httpErrors.PayloadTooLarge, httpErrors.UnsupportedMediaType]),
    ...(operation.requestBody ? [errors.ValidationFailed] : []),
    ...(isNegotiated(path) ? [httpErrors.NotAcceptable] : []),
    ...(operation['x-files'] ? [httpErrors.RangeNotSatisfiable] : []),
    ...(idempotent ? [httpErrors.IdempotencyKeyInUse, httpErrors.IdempotencyKeyReused] : []),
    ...(idempotent === 'required' || idempotent === 'phased' ? [httpErrors.IdempotencyKeyRequired] : []),
    errors.TooManyRequests,
    httpErrors.HeaderTooLarge,
    errors.InternalError,
    errors.Unavailable,
    ...errorKinds().filter((kind) => own.has(kind.code)),
  ];
}
