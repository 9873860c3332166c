import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Schema, type Schemas, typesOf } from '../src/common/json-schema/schema.js';
import { exampleOf } from '../src/common/openapi/examples.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { signIn } from './support/accounts.js';
import { DOCUMENT } from './support/document.js';
import { isFreeText, type Member, membersOf, refusesBlank, withValue } from './support/members.js';
import { Shop } from './support/shop.js';

const schemas: Schemas = DOCUMENT.components?.schemas ?? {};
const ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** A text, and the code that it is refused with wherever a text may stand. */
const BROKEN: [string, string][] = [
  ['a\ud800', 'encoding'],
  ['\udc00', 'encoding'],
  ['a\0b', 'encoding'],
  ['a\u0007b', 'control'],
  ['a\u001bb', 'control'],
  ['a\u007fb', 'control'],
  ['a\u0085b', 'control'],
];
const BLANK = [' ', '\u200b', '\u00a0\u3000', '\ufe0f\u2060', '\t'];
const INHERITED = ['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'prototype', '__defineGetter__'];

const textsIn = (schema: Schema): Member[] =>
  membersOf(schema, schemas).filter((member) => isFreeText(member) && !member.isEntry);

const bodyOf = ({ operation }: Located): Schema | undefined =>
  operation.requestBody && 'content' in operation.requestBody
    ? operation.requestBody.content['application/json']?.schema
    : undefined;

const operations = locatedOperationsOf(DOCUMENT);
const written = operations.flatMap((located): [string, Located, Schema][] => {
  const schema = bodyOf(located);
  // a body of any members, which another system writes, is checked by its signature
  const isOpen = schema?.additionalProperties === true;
  return schema && !isOpen ? [[`${located.method.toUpperCase()} ${located.path}`, located, schema]] : [];
});
const listed = operations.flatMap((located): [string, Located][] =>
  (located.operation.parameters ?? []).some((parameter) => 'in' in parameter && parameter.in === 'query')
    ? [[`${located.method.toUpperCase()} ${located.path}`, located]]
    : [],
);

interface Refusal {
  errors?: { pointer?: string; parameter?: string; code: string }[];
}

describe('no operation takes a text that can’t be stored and sent as it is', () => {
  let shop: Shop;
  let admin: string;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: 0 });
    admin = await signIn(shop, 'admin');
  });
  afterAll(() => shop.close());

  const send = async ({ path, method }: Located, json: unknown): Promise<[number, string[]]> => {
    const { status, body } = await shop.ask<Refusal>(path.replaceAll(/\{\w+\}/g, ID), {
      method: method.toUpperCase(),
      token: admin,
      headers: { 'if-match': '*', 'idempotency-key': randomUUID() },
      json,
    });
    return [status, (body.errors ?? []).map(({ pointer = '', code }) => `${pointer} ${code}`)];
  };

  it.each(written)('%s', async (_, located, schema) => {
    const example = exampleOf(schema, schemas);
    for (const { path } of textsIn(schema)) {
      const pointer = `#/${path.join('/')}`;
      for (const [text, code] of BROKEN) {
        expect([text, await send(located, withValue(example, path, text))]).toEqual([
          text,
          [422, expect.arrayContaining([`${pointer} ${code}`])],
        ]);
      }
    }
  });

  it.each(written)('nor a blank one where it asks for some: %s', async (_, located, schema) => {
    const example = exampleOf(schema, schemas);
    for (const { path, schema: text } of textsIn(schema)) {
      if (!refusesBlank(text)) continue;
      for (const blank of BLANK.map((each) => each.repeat((text.minLength ?? 0) + 1))) {
        expect([blank, (await send(located, withValue(example, path, blank)))[0]]).toEqual([blank, 422]);
      }
    }
  });

  it.each(written)('nor a name that every object has: %s', async (_, located, schema) => {
    const example = exampleOf(schema, schemas);
    for (const name of INHERITED) {
      const [status, faults] = await send(located, { ...(typeof example === 'object' ? example : {}), [name]: 1 });

      expect([status, faults]).toEqual([422, expect.arrayContaining([`#/${name} unknown`])]);
    }
  });

  it.each(listed)('in a query: %s', async (_, { path, method, operation }) => {
    const address = path.replaceAll(/\{\w+\}/g, ID);
    // a body that is streamed, which is not read when its query is refused
    const sent = operation.requestBody ? { body: 'sku\n', headers: { 'content-type': 'text/csv' } } : {};
    const statusOf = async (query: string): Promise<number> =>
      (await shop.ask(`${address}?${query}`, { method: method.toUpperCase(), token: admin, ...sent })).status;
    for (const parameter of operation.parameters ?? []) {
      if (!('in' in parameter) || parameter.in !== 'query') continue;
      for (const text of ['a%00', '%07', 'a%7Fb', '%C2%85']) {
        expect([parameter.name, text, await statusOf(`${parameter.name}=${text}`)]).toEqual([
          parameter.name,
          text,
          400,
        ]);
      }
      if (typesOf(parameter.schema ?? {}).includes('integer')) {
        for (const text of ['', '%20', '%205', '+5', '1e1', '0x1', '1.0']) {
          expect([parameter.name, text, await statusOf(`${parameter.name}=${text}`)]).toEqual([
            parameter.name,
            text,
            400,
          ]);
        }
      }
    }
    for (const name of [...INHERITED, 'constructor', '__proto__']) {
      expect([name, await statusOf(`${name}=1`)]).toEqual([name, 400]);
    }
  });
});
