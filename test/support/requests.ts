import { deflateSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import type { Located } from '../../src/common/openapi/operations.js';
import type { Arbitraries } from './arbitrary.js';
import { formWith } from './photos.js';
import { pngOf } from './pictures.js';
import type { Ask } from './shop.js';
import type { Asker } from './stock.js';

/** One request, by whom; with placeholders for what is known once it is sent. */
export interface Asked extends Pick<Ask, 'json' | 'body'> {
  role: Asker;
  method: string;
  path: string;
  headers: Record<string, string>;
}

const FORM = 'multipart/form-data';

/** The smallest picture. */
const PIXEL = pngOf(1, 1, deflateSync(Buffer.of(0, 128)));

/** Inputs that the document does not list for an operation. */
const MANNERS: Record<string, string>[] = [
  { accept: 'application/xml' },
  { accept: 'image/png' },
  { 'content-type': 'text/plain' },
  { 'if-none-match': '--etag--' },
];

/** Requests to an operation: most of them nearly as it takes them. */
export function requests({ path, method, operation }: Located, values: Arbitraries): Arbitrary<Asked> {
  const parameters = (operation.parameters ?? []).flatMap((parameter) => ('in' in parameter ? [parameter] : []));
  const among = (place: string, always: boolean): Arbitrary<Record<string, unknown>> => {
    const chosen = parameters.filter((parameter) => parameter.in === place);
    const each = chosen.map(({ name, schema = {} }) => {
      const [valid, near] = [values.named(name, schema), values.near(schema)];
      // as examples have it: a photo in the path is one of the product before it
      if (place === 'path') {
        const there = { weight: 4, arbitrary: fc.constant<unknown>(`--${name}--`) };
        return [name, fc.oneof(there, { weight: 1, arbitrary: valid }, { weight: 1, arbitrary: near })] as const;
      }
      return [name, fc.oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: near })] as const;
    });
    // many filters at once find nothing, and a cursor goes with none
    return always
      ? fc.record(Object.fromEntries(each))
      : fc.subarray(each, { maxLength: Math.min(each.length, 2) }).chain((some) => fc.record(Object.fromEntries(some)));
  };
  const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
  const [type = 'application/json'] = Object.keys(content);
  const schema = content['application/json']?.schema;
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('{', '[]', 'null', '"', '{"a":1,"a":2}', 'sku\n"'),
  );
  const streams = Object.entries(content).flatMap(([of, { example }]) =>
    typeof example === 'string' ? [{ body: example, headers: { 'content-type': of } }] : [],
  );
  const raw = fc.oneof(
    fc.record({ body: garbage, headers: fc.constant({ 'content-type': type }) }),
    ...(type === FORM ? [{ weight: 5, arbitrary: forms() }] : []),
    ...streams.map((stream) => fc.constant(stream)),
  );
  const json =
    schema &&
    fc.record({
      json: fc.oneof({ weight: 3, arbitrary: values.valid(schema) }, { weight: 1, arbitrary: values.near(schema) }),
    });
  const body: Arbitrary<Ask> = json
    ? fc.oneof({ weight: 6, arbitrary: json }, { weight: 1, arbitrary: raw })
    : operation.requestBody
      ? raw
      : fc.constant({});
  const manners = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...MANNERS) },
  );
  return fc
    .record({
      role: fc.constantFrom<Asked['role']>('nobody', 'customer', 'staff', 'admin', 'admin', 'admin'),
      inPath: among('path', true),
      query: among('query', false),
      headers: fc.oneof(
        { weight: 3, arbitrary: among('header', true) },
        { weight: 1, arbitrary: among('header', false) },
      ),
      body,
      manner: manners,
    })
    .map(({ role, inPath, query, headers, manner, body: { headers: own, ...ask } }) => ({
      ...ask,
      role,
      method: method.toUpperCase(),
      path: pathOf(path, inPath, query),
      headers: { ...headersOf(headers), ...manner, ...own },
    }));
}

/** Forms with a file that is a picture, or is none, and with texts that are known, or are not. */
const forms = (): Arbitrary<Ask> =>
  fc
    .record({
      isPicture: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      texts: fc.dictionary(fc.constantFrom('alt', 'file', 'x'), fc.string({ unit: 'binary', maxLength: 20 }), {
        maxKeys: 1,
      }),
    })
    .map(({ isPicture, texts }) => ({
      body: formWith(new Uint8Array(isPicture ? PIXEL : Buffer.from('none')), isPicture ? {} : texts),
    }));

function pathOf(template: string, inPath: Record<string, unknown>, query: Record<string, unknown>): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(inPath[name])) || '-');
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
  );
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

/** Headers are of visible characters, or there is no request. */
const headersOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value).replaceAll(/[^ -~]/g, '?')]));

const textOf = (value: unknown): string =>
  (typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(String).join(',')
      : JSON.stringify(value)
  ).toWellFormed();
