import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { fastify } from 'fastify';
import { createApp, drawDocument } from '../src/app.js';
import { Config } from '../src/common/config/config.js';
import { type Schema, typesOf, walk } from '../src/common/json-schema/schema.js';
import { exampleOf } from '../src/common/openapi/examples.js';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import { serialiseByDocument } from '../src/common/openapi/serialisers.js';
import { UsersService } from '../src/users/users.service.js';
import { signIn } from './support/accounts.js';
import type { Contract } from './support/contract.js';
import { createTestDatabase } from './support/database.js';
import { DOCUMENT } from './support/document.js';
import { Shop } from './support/shop.js';

describe('the contract', () => {
  let shop: Shop;
  let document: OpenAPIObject;
  let contract: Contract;
  beforeAll(async () => {
    shop = await Shop.open();
    document = (await shop.ask<OpenAPIObject>('/openapi.json')).body;
    contract = await shop.contract();
  });
  afterAll(() => shop.close());

  it('is what the shop answers by: a route that is documented and not mounted keeps it from starting', async () => {
    const server = fastify();
    serialiseByDocument(server, { ...document, paths: { '/ghosts/{id}': { get: { responses: {} } } } });

    await expect(server.ready()).rejects.toThrow('GET /ghosts/:id is documented, but no route answers there');
  });

  it('has each documented answer written by its schema: none that can’t be compiled', async () => {
    const server = fastify();
    serialiseByDocument(server, document);
    const schemas = document.components?.schemas ?? {};
    const answers = locatedOperationsOf(document).flatMap(({ method, path, operation }) => {
      const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
      const examples = new Map<string, unknown>();
      for (const [status, response] of Object.entries(operation.responses)) {
        const schema = response && 'content' in response && response.content?.['application/json']?.schema;
        if (schema) examples.set(status, exampleOf(schema, schemas));
      }
      server.route({
        method,
        url,
        handler: ({ headers }, reply) => reply.code(Number(headers.status)).send(examples.get(String(headers.status))),
      });
      return [...examples].map(([status, example]) => ({ method, url, status, example }));
    });
    await server.ready();

    expect(answers.length).toBeGreaterThan(50);
    for (const { method, url, status, example } of answers) {
      const answer = await server.inject({ method: method as 'get', url, headers: { status } });
      expect([method, url, answer.json()]).toEqual([method, url, example]);
    }
    await server.close();
  });

  it('removes members that are not documented from an answer', async () => {
    const token = await signIn(shop, 'customer');
    const users = shop.app.get(UsersService);
    const { id, ...user } = (await shop.ask<Awaited<ReturnType<UsersService['read']>>>('users/me', { token })).body;
    const leaky = { ...user, id, passwordHash: '$argon2id$secret' };
    const read = jest.spyOn(users, 'read').mockResolvedValue(leaky);

    const { body } = await shop.ask('users/me', { token });
    read.mockRestore();

    expect(body).toEqual({ ...user, id });
  });

  it('bounds every value: texts, numbers, lists and objects', () => {
    const loose: string[] = [];
    const judge = (place: string) => (schema: Schema) => {
      const types = typesOf(schema);
      const isText = types.includes('string') && !schema.enum && schema.const === undefined;
      if (isText && schema.maxLength === undefined) loose.push(`${place}: a text without maxLength`);
      if (isText && !schema.format && !schema.pattern) loose.push(`${place}: a text without format or pattern`);
      if (
        types.includes('integer') &&
        (schema.minimum === undefined || schema.maximum === undefined || !schema.format)
      ) {
        loose.push(`${place}: an integer without bounds`);
      }
      if (types.includes('array') && schema.maxItems === undefined) loose.push(`${place}: a list without maxItems`);
      if (types.includes('object') && schema.additionalProperties === undefined) loose.push(`${place}: an open object`);
    };
    let count = 0;
    const visit = (value: unknown, place: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        if (key === 'schema' || place.endsWith(' schemas')) {
          count++;
          walk(child as Schema, judge(`${place} ${key}`));
        } else if (key !== 'example' && key !== 'examples') visit(child, `${place} ${key}`);
      }
    };
    // of bodies, parameters and headers alike
    visit(document.paths, 'paths');
    visit(document.components, 'components');
    expect(count).toBeGreaterThan(100);
    expect(loose).toEqual([]);
  });

  it('gives examples that are as it says', () => {
    const faulty: string[] = [];
    let count = 0;
    const visit = (value: unknown, place: string[]): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('schema' in value) {
        const { example, examples } = value as { example?: unknown; examples?: Record<string, { value?: unknown }> };
        const given = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples ?? {}).map((named) => named.value),
        ];
        for (const value of given) {
          count++;
          const faults = contract.faultsOf(value, contract.pointer(...place, 'schema'));
          if (faults) faulty.push(`${place.join(' ')}: ${faults}`);
        }
      }
      for (const [key, child] of Object.entries(value)) if (key !== 'example') visit(child, [...place, key]);
    };
    visit(document, []);
    expect(faulty).toEqual([]);
    expect(count).toBeGreaterThan(50);
  });
});

describe('the routes', () => {
  it('are the operations of the document, all of them and no other', async () => {
    const database = await createTestDatabase();
    const app = await createApp(database.config, database.options);
    const mounted: string[] = [];
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url }) => {
        // HEAD is GET without the body; the pages for people are no operations
        const isOperation =
          method !== 'HEAD' && method !== 'OPTIONS' && !/^\/(docs|openapi\.|problems|dev\/)/.test(url);
        if (isOperation) mounted.push(`${String(method)} ${url}`);
      });
    await app.init();
    await app.close();
    await database.drop();

    const documented = locatedOperationsOf(await drawDocument(database.config)).map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    expect(mounted.sort()).toEqual(documented.sort());
  });

  it('is openapi.json, which the tests read', async () => {
    const document = await drawDocument(Object.assign(new Config(), { logLevel: 'silent' }));

    expect(JSON.parse(JSON.stringify(document))).toEqual(DOCUMENT);
  });
});
