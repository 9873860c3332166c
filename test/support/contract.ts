import type { OpenAPIObject, ResponseObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { isEmail } from 'class-validator';
import { type Located, locatedOperationsOf } from '../../src/common/openapi/operations.js';
import { fromXml } from './xml.js';

/** A request and what came back, as far as the document has a say in it. */
export interface Exchange {
  method: string;
  /** With its query, if it has one. */
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

/** Pages for people and files that describe: no operations, so the document says nothing of them. */
const BESIDE = /^\/(docs|openapi\.|problems|dev\/|$)/;

/** What Node or Fastify refuse before there is an operation. */
const FOR_NO_OPERATION = [400, 404, 405, 408, 414, 431];

/** The document as a judge of what the application answers. */
export class Contract {
  private readonly ajv: Ajv2020;
  private readonly operations: (Located & { pattern: RegExp })[];
  private readonly validators = new Map<string, ValidateFunction>();

  /** @param limited whether the shop counts requests, and says so. */
  constructor(
    private readonly document: OpenAPIObject,
    private readonly limited: boolean,
  ) {
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(this.ajv);
    // RFC 6531: what `IsEmail` takes
    this.ajv.addFormat('idn-email', (text) => isEmail(text, { blacklisted_chars: '"' }));
    this.ajv.addSchema({ ...document }, 'document');
    this.operations = locatedOperationsOf(document)
      .map((located) => ({ ...located, pattern: new RegExp(`^${located.path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`) }))
      // `/users/me` before `/users/{id}`
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  }

  /** @throws Error that names what is not as documented. */
  check(exchange: Exchange): void {
    const path = exchange.path.split('?')[0] ?? '';
    if (BESIDE.test(path) || exchange.method === 'OPTIONS') return;
    const method = exchange.method === 'HEAD' ? 'get' : exchange.method.toLowerCase();
    const operation = isDecodable(path)
      ? this.operations.find((candidate) => candidate.method === method && candidate.pattern.test(path))
      : undefined;
    if (operation) this.checkAnswer(operation, exchange);
    else if (!FOR_NO_OPERATION.includes(exchange.status)) this.fail(exchange, 'and no such operation is documented');
    else this.checkBody(exchange, this.pointer('components', 'schemas', 'ProblemDto'));
  }

  /** What is wrong with a value by the schema at a JSON Pointer of the document; undefined when nothing is. */
  faultsOf(value: unknown, pointer: string): string | undefined {
    let validate = this.validators.get(pointer);
    if (!validate) {
      validate = this.ajv.compile({ $ref: `document#${pointer}` });
      this.validators.set(pointer, validate);
    }
    return validate(value) ? undefined : this.ajv.errorsText(validate.errors, { dataVar: 'body' });
  }

  /** The JSON Pointer of a place in the document. */
  pointer(...segments: string[]): string {
    return segments
      .map((segment) => `/${encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
      .join('');
  }

  private checkAnswer({ path, method, operation }: Located, exchange: Exchange): void {
    const status = String(exchange.status);
    const found = operation.responses[status];
    if (!found) this.fail(exchange, `which is not among ${Object.keys(operation.responses).join(', ')}`);
    const place = '$ref' in found ? found.$ref.split('/').slice(1) : ['paths', path, method, 'responses', status];
    const response = '$ref' in found ? this.document.components?.responses?.[place.at(-1) ?? ''] : found;
    if (!response || '$ref' in response) this.fail(exchange, 'which is documented nowhere');
    this.checkHeaders(response, exchange);
    if ((operation.deprecated ?? false) !== exchange.headers.has('deprecation')) {
      this.fail(exchange, 'which says other than the document whether it is deprecated');
    }
    if (this.limited && path.startsWith('/api/')) this.require(exchange, 'RateLimit', 'RateLimit-Policy');
    if (exchange.method === 'HEAD') return;
    const type = exchange.headers.get('content-type')?.split(';')[0];
    if (!response.content) {
      if (exchange.text !== '') this.fail(exchange, 'with a body where none is documented');
    } else if (!type || !(type in response.content)) {
      this.fail(exchange, `as ${String(type)}, which is not among ${Object.keys(response.content).join(', ')}`);
    } else {
      this.checkBody(exchange, this.pointer(...place, 'content', type, 'schema'));
    }
  }

  private checkHeaders({ headers = {} }: ResponseObject, exchange: Exchange): void {
    for (const name of Object.keys(headers)) {
      const header = this.document.components?.headers?.[name];
      const value = exchange.headers.get(name);
      if (header && 'required' in header && header.required) this.require(exchange, name);
      if (value === null) continue;
      const faults = this.faultsOf(
        /^\d+$/.test(value) ? Number(value) : value,
        this.pointer('components', 'headers', name, 'schema'),
      );
      if (faults) this.fail(exchange, `with ${name}: ${value}, and ${faults}`);
    }
    if (exchange.status === 304 || exchange.status === 412) this.require(exchange, 'ETag');
    if (exchange.status === 429 || exchange.status === 503) this.require(exchange, 'Retry-After');
  }

  private require(exchange: Exchange, ...names: string[]): void {
    for (const name of names) if (!exchange.headers.has(name)) this.fail(exchange, `without ${name}`);
  }

  /** What is said in XML is to be what could be said in JSON. */
  private checkBody(exchange: Exchange, pointer: string): void {
    const type = exchange.headers.get('content-type') ?? '';
    if (exchange.method === 'HEAD' || !/[/+](?:json|xml)\b/.test(type)) return;
    const value: unknown = type.includes('xml') ? fromXml(exchange.text).value : JSON.parse(exchange.text);
    const faults = this.faultsOf(value, pointer);
    if (faults) this.fail(exchange, `and ${faults}:\n${exchange.text.slice(0, 2000)}`);
    const isPublic = exchange.headers.get('cache-control')?.startsWith('public') ?? false;
    if (isPublic || (exchange.status < 300 && isVersioned(value))) this.require(exchange, 'ETag');
    if (hasNext(value)) this.require(exchange, 'Link');
    else if (exchange.headers.has('link')) this.fail(exchange, 'with Link, and there is no next page');
  }

  private fail({ method, path, status }: Exchange, what: string): never {
    throw new Error(`Not as the document has it: ${method} ${path} answered ${String(status)}, ${what}`);
  }
}

const isVersioned = (body: unknown): boolean => typeof body === 'object' && body !== null && 'version' in body;

/** Whether a body is a page that is not the last. */
const hasNext = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  'page' in body &&
  typeof body.page === 'object' &&
  body.page !== null &&
  'next' in body.page &&
  body.page.next !== null;

/** Whether a path is one: if not, it is refused before there is an operation. */
function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}
