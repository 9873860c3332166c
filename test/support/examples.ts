import type { Schema } from '../../src/common/json-schema/schema.js';
import type { Located } from '../../src/common/openapi/operations.js';
import { pictureOf } from './photos.js';
import type { Answer, Ask } from './shop.js';
import { type Asker, knownAt, type Stock } from './stock.js';

/** A request that is to succeed for a caller who may send it. */
export interface Example extends Ask {
  path: string;
}

/** An operation as the document's own examples ask it, by a role, of what there is in the shop. */
export async function exampleOf({ path, method, operation }: Located, stock: Stock, role: Asker): Promise<Example> {
  const at = await stock.fill(path.replaceAll(/\{(\w+)\}/g, '--$1--'), { role, path });
  const fill = (text: string): Promise<string> => stock.fill(text, { role, path: at });
  const headers = stock.stranger();
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'header' && parameter.required)
      headers[parameter.name] = await fill(parameter.name === 'Idempotency-Key' ? '--uuid--' : '--etag--');
  }
  const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
  const [type = '', media] = Object.entries(content)[0] ?? [];
  const example: unknown = media?.example ?? Object.values(media?.examples ?? {}).at(-1);
  const asked: Example = { path: at, method: method.toUpperCase(), headers };
  const signed = stock.signed(path);
  if (type === 'multipart/form-data') {
    asked.body = await formOf(media?.schema, example);
  } else if (signed) {
    Object.assign(headers, signed.headers, { 'content-type': type });
    asked.body = signed.body;
  } else if (typeof example === 'string') {
    headers['content-type'] = type;
    asked.body = example;
  } else if (typeof example === 'object' && example !== null) {
    const value = 'value' in example && typeof example.value === 'object' ? example.value : example;
    const known = knownAt(path);
    const members = Object.entries(value ?? {}).map(([member, of]: [string, unknown]) => [member, known[member] ?? of]);
    asked.json = JSON.parse(await fill(JSON.stringify(Object.fromEntries(members))));
  }
  return asked;
}

/** A form as the document has it: the texts of its example, and a picture for each file. */
async function formOf(schema: Schema | undefined, example: unknown): Promise<FormData> {
  const form = new FormData();
  for (const [name, text] of Object.entries(example ?? {})) form.set(name, String(text));
  for (const [name, { format }] of Object.entries(schema?.properties ?? {})) {
    if (format === 'binary') form.set(name, new Blob([await pictureOf()]), 'picture.jpg');
  }
  return form;
}

/** What is wrong with an answer of another status than one of these, with the problem that it says; undefined for a right one. */
export function unexpected(answer: Answer<unknown> | undefined, statuses: readonly number[]): string | undefined {
  if (answer && statuses.includes(answer.status)) return undefined;
  return `${String(answer?.status)} in place of ${statuses.join(' or ')}: ${JSON.stringify(answer?.body)}`;
}
