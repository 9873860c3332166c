import type { OpenAPIObject, ResponseObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { isEmail } from 'class-validator';
import { type Located, locatedOperationsOf } from '../../src/common/openapi/operations.js';

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

  constructor(private readonly document: OpenAPIObject) {
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
    const operation = this.operations.find((candidate) => candidate.method === method && candidate.pattern.test(path));
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
    if (exchange.method === 'HEAD') return;
    const type = exchange.headers.get('content-type')?.split(';')[0];
    if (!response.content) {
      if (exchange.text !== '') this.fail(exchange, 'with a body where none is documented');
    } else if (!type || !(type in response.content)) {
      this.fail(exchange, `as ${String(type)}, which is not among ${Object.keys(response.content).join(', ')}`);
    } else if (type.endsWith('json')) {
      this.checkBody(exchange, this.pointer(...place, 'content', type, 'schema'));
    }
  }

  private checkHeaders({ headers = {} }: ResponseObject, exchange: Exchange): void {
    for (const name of Object.keys(headers)) {
      const header = this.document.components?.headers?.[name];
      const value = exchange.headers.get(name);
      if (value === null) {
        if (header && 'required' in header && header.required) this.fail(exchange, `without ${name}`);
        continue;
      }
      const faults = this.faultsOf(
        /^\d+$/.test(value) ? Number(value) : value,
        this.pointer('components', 'headers', name, 'schema'),
      );
      if (faults) this.fail(exchange, `with ${name}: ${value}, and ${faults}`);
    }
  }

  private checkBody(exchange: Exchange, pointer: string): void {
    if (exchange.method === 'HEAD' || !exchange.headers.get('content-type')?.includes('json')) return;
    const faults = this.faultsOf(JSON.parse(exchange.text), pointer);
    if (faults) this.fail(exchange, `and ${faults}:\n${exchange.text.slice(0, 2000)}`);
  }

  private fail({ method, path, status }: Exchange, what: string): never {
    throw new Error(`Not as the document has it: ${method} ${path} answered ${String(status)}, ${what}`);
  }
}
