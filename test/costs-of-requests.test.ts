import { Agent, type OutgoingHttpHeaders, request, type RequestOptions } from 'node:http';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolve, type Schema, type Schemas, typesOf } from '../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { readProducts } from '../src/imports/reader.js';
import { signIn } from './support/accounts.js';
import { cpuTimeOf } from './support/cpu-time.js';
import { DOCUMENT } from './support/document.js';
import { bodies, filled, type Shape, TEXTS } from './support/hostile.js';
import { Shop } from './support/shop.js';

/** What any request costs the process at most, its client here included, in milliseconds of processor time. */
const BOUND = 100;
/** Writes the table of what each shape costs at most. */
const { COSTS_TABLE } = process.env;

const MIB = 1024 * 1024;
/** What Node leaves for one header of the 16 KiB of a head, and for an address. */
const HEADER = 15_500;
const ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const JSON_TYPE = { 'content-type': 'application/json' };

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const HEADERS = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Content-Encoding',
  'Content-Type',
  'Cookie',
  'Forwarded',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'If-Modified-Since',
  'Origin',
  'Range',
  'Traceparent',
  'User-Agent',
  'X-Forwarded-For',
  'X-Request-Id',
];

const schemas: Schemas = DOCUMENT.components?.schemas ?? {};
const operations = locatedOperationsOf(DOCUMENT);
const nameOf = ({ method, path }: Located): string => `${method.toUpperCase()} ${path}`;
const addressOf = ({ path }: Located): string => path.replaceAll(/\{\w+\}/g, ID);

/** The processor time of the process while something is done, in milliseconds. */
const costOf = (work: () => Promise<unknown>): Promise<number> => cpuTimeOf(work, BOUND, COSTS_TABLE ? 1 : undefined);

/** What is sent, without its body. */
type Sent = Omit<RequestOptions, 'headers'> & { headers?: OutgoingHttpHeaders };

describe('a request of any shape costs little', () => {
  const table = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let shop: Shop;
  let staff: string;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: 0, trustedProxies: ['127.0.0.1'] });
    staff = await signIn(shop, 'admin');
    // what is compiled at its first use is compiled
    for (const [, make] of TEXTS) await send({ path: '/livez', headers: { accept: make(100) } });
  });
  afterAll(async () => {
    agent.destroy();
    if (COSTS_TABLE) process.stdout.write(linesOf(table));
    await shop.close();
  });

  /** Sends it, and waits for the end of the answer. */
  const send = (options: Sent, body?: Buffer): Promise<number> =>
    new Promise((done, fail) => {
      const { hostname, port } = new URL(shop.url);
      const headers = { ...options.headers, ...(body && { 'content-length': body.length }) };
      const sent = request({ hostname, port, agent, ...options, headers }, (answer) => {
        answer.resume().on('end', () => {
          done(answer.statusCode ?? 0);
        });
      });
      // refused before it was sent to its end
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE' || error.code === 'ECONNRESET') done(0);
        else fail(error);
      });
      sent.end(body);
    });

  /** The names of what costs too much, of these. */
  async function dear(
    kind: string,
    requests: Iterable<[name: string, ask: () => Promise<unknown>]>,
  ): Promise<string[]> {
    const over: string[] = [];
    for (const [name, ask] of requests) {
      const cost = await costOf(ask);
      const row = `${kind} | ${name}`;
      table.set(row, Math.max(cost, table.get(row) ?? 0));
      if (cost >= BOUND) over.push(`${name}: ${cost.toFixed(0)} ms`);
    }
    return over;
  }

  const written = operations.flatMap((located): [string, Located, Schema][] => {
    const { requestBody } = located.operation;
    const schema =
      requestBody && 'content' in requestBody ? requestBody.content['application/json']?.schema : undefined;
    return schema ? [[nameOf(located), located, resolve(schema, schemas)]] : [];
  });

  it.each(written)('in its body: %s', async (_, located, { properties = {} }) => {
    const members = Object.entries(properties);
    const [text = 'a'] = members.filter(([, schema]) => typesOf(schema).includes('string')).map(([name]) => name);
    const [list = text] = members.filter(([, schema]) => typesOf(schema).includes('array')).map(([name]) => name);
    const limit = located.operation['x-body-limit'] ?? MIB;
    const options = {
      method: located.method.toUpperCase(),
      path: addressOf(located),
      headers: { ...JSON_TYPE, authorization: `Bearer ${staff}`, 'if-match': '*' },
    };
    function* requests(): Generator<[string, () => Promise<unknown>]> {
      for (const [shape, make] of bodies(text, list)) {
        const whole = Buffer.from(make(MIB));
        const packed = gzipSync(whole);
        const [allowed, allowedPacked] = [Buffer.from(make(limit)), brotliCompressSync(make(limit), QUICKLY)];
        yield [`${shape}, a MiB`, () => send(options, whole)];
        yield [`${shape}, as long as it may be`, () => send(options, allowed)];
        yield [
          `${shape}, a MiB in gzip`,
          () => send({ ...options, headers: { ...options.headers, 'content-encoding': 'gzip' } }, packed),
        ];
        yield [
          `${shape}, as long as it may be in br`,
          () => send({ ...options, headers: { ...options.headers, 'content-encoding': 'br' } }, allowedPacked),
        ];
      }
    }

    expect(await dear('body', requests())).toEqual([]);
  });

  it.each(written)('in its body, of nobody: %s', async (_, located) => {
    const packed = gzipSync(Buffer.alloc(64 * MIB, 0x20));
    const options = {
      method: located.method.toUpperCase(),
      path: addressOf(located),
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    };
    const requests: [string, () => Promise<unknown>][] = [
      ['64 MiB in gzip', () => send(options, packed)],
      ['a MiB', () => send({ ...options, headers: JSON_TYPE }, Buffer.alloc(MIB, 0x20))],
    ];

    expect(await dear('body, without a token', requests)).toEqual([]);
  });

  it.each(HEADERS)('in its %s', async (header) => {
    const routes: Sent[] = [
      { path: '/livez' },
      { path: '/api/v1/nowhere' },
      { path: `/api/v1/products/${ID}` },
      { path: '/openapi.json' },
      { path: `/api/v1/products/${ID}`, method: 'PATCH' },
      { path: '/api/v1/products', method: 'OPTIONS' },
    ];
    const shapes: Shape[] = [
      ...TEXTS,
      ...['Bearer ', 'bytes=', 'gzip, ', 'application/xml, ', '00-'].map((begin): Shape => [
        `${begin}and more`,
        (length) => `${begin}${filled('a', length - begin.length)}`,
      ]),
    ];
    function* requests(): Generator<[string, () => Promise<unknown>]> {
      for (const [shape, make] of shapes) {
        const value = make(HEADER);
        for (const route of routes) {
          const body = route.method === 'PATCH' ? Buffer.from('{}') : undefined;
          const headers = { ...(body && { ...JSON_TYPE, authorization: `Bearer ${staff}`, 'if-match': '*' }) };
          // a head of the token and this header would be too long
          const room = header === 'Authorization' || !body ? value : value.slice(0, HEADER - 2000);
          yield [
            `${header}: ${shape}`,
            () => send({ ...route, headers: { ...headers, [header.toLowerCase()]: room } }, body),
          ];
        }
      }
    }

    expect(await dear('header', requests())).toEqual([]);
  });

  const listed = operations.filter(({ method }) => method === 'get');
  it.each(listed.map((located): [string, Located] => [nameOf(located), located]))(
    'in its address: %s',
    async (_, located) => {
      const address = addressOf(located);
      const parameters = (located.operation.parameters ?? []).flatMap((parameter) =>
        'in' in parameter && parameter.in === 'query' ? [parameter.name] : [],
      );
      const headers = { authorization: `Bearer ${staff}` };
      const room = HEADER - 1000 - address.length;
      function* requests(): Generator<[string, () => Promise<unknown>]> {
        for (const [shape, make] of [...TEXTS, ['%41', (length) => filled('%41', length)] satisfies Shape]) {
          const value = encodeURI(make(room))
            .slice(0, 3 * Math.floor(room / 3))
            .replace(/%.?$/, '');
          for (const name of parameters) {
            yield [`${name}: ${shape}`, () => send({ path: `${address}?${name}=${value}`.slice(0, HEADER), headers })];
          }
        }
        for (const name of parameters) {
          yield [`${name} again and again`, () => send({ path: `${address}?${filled(`${name}=1&`, room)}`, headers })];
        }
        yield ['unknown names', () => send({ path: `${address}?${unknownNames(room)}`, headers })];
        yield ['empty names', () => send({ path: `${address}?${filled('&', room)}`, headers })];
        yield [
          '__proto__ again and again',
          () => send({ path: `${address}?${filled('__proto__=1&', room)}`, headers }),
        ];
        yield ['lists', () => send({ path: `${address}?${filled('a[]=1&', room)}`, headers })];
      }

      expect(await dear('query', requests())).toEqual([]);
    },
  );

  it('in its path', async () => {
    const begins = ['/', '/api/v1/products/', `/api/v1/products/${ID}/`, '/docs/', '/problems/', 'http://shop/'];
    function* requests(): Generator<[string, () => Promise<unknown>]> {
      for (const [shape, make] of [...TEXTS, ['%2f', (length) => filled('%2f', length)] satisfies Shape]) {
        const value = encodeURI(make(HEADER))
          .slice(0, 3 * Math.floor((HEADER - 100) / 3))
          .replace(/%.?$/, '');
        for (const begin of begins) {
          for (const method of ['GET', 'PUT', 'OPTIONS']) {
            yield [`${begin} and ${shape}`, () => send({ path: `${begin}${value}`.slice(0, HEADER), method })];
          }
        }
      }
    }

    expect(await dear('path', requests())).toEqual([]);
  });

  it('in XML, when all of it is wrong', async () => {
    const body = Buffer.from(bodies('name')[0]?.[1](2000) ?? '');
    const headers = { ...JSON_TYPE, accept: 'application/xml', authorization: `Bearer ${staff}` };
    const requests: [string, () => Promise<unknown>][] = [
      ['faults', () => send({ path: '/api/v1/products', method: 'POST', headers }, body)],
      ['parameters', () => send({ path: `/api/v1/products?${unknownNames(HEADER - 2000)}`, headers })],
    ];

    expect(await dear('XML', requests)).toEqual([]);
  });
});

const unknownNames = (length: number): string =>
  Array.from({ length: length / 7 }, (_, index) => `p${String(index)}=1`)
    .join('&')
    .slice(0, length);

describe('a line of an import of any shape costs little', () => {
  const LINE = 'BI-1,Lantern,1999,GBP';
  const COLUMNS = 'sku,name,price.amount,price.currency';
  const CSV: Shape[] = [
    ['unknown columns', (length) => Array.from({ length: length / 7 }, (_, index) => `c${String(index)}`).join(',')],
    [
      'attributes',
      (length) => Array.from({ length: length / 16 }, (_, index) => `attributes.a${String(index)}`).join(','),
    ],
    ['a column again and again', (length) => filled('sku,', length)],
    ['no names', (length) => filled(',', length)],
    ['one long name', (length) => filled('a', length)],
    ['one long quoted name', (length) => `"${filled('a,', length)}"`],
    ['quotes', (length) => filled('"', length)],
    ['quoted names', (length) => filled('"",', length)],
    ['spaces', (length) => filled(' ', length)],
    ['fields below a good header', (length) => `${COLUMNS}\n${filled('a,', length)}`],
    ['a long field below a good header', (length) => `${COLUMNS}\n${LINE}${filled('a', length)}`],
    ['quotes below a good header', (length) => `${COLUMNS}\n"${filled('""', length)}"`],
    ['categories', (length) => `${COLUMNS},categories\n${LINE},${filled('a>b|', length)}`],
  ];
  const NDJSON = [...bodies('name', 'categories'), ...bodies('attributes', 'attributes')];

  const consume = async (text: string, format: 'csv' | 'ndjson'): Promise<void> => {
    const stream = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(text));
    };
    try {
      for await (const line of readProducts(stream(), format)) expect(line.line).toBeGreaterThan(0);
    } catch (error) {
      // a header that is refused
      expect(error).toBeInstanceOf(Error);
    }
  };
  const costs: [string, Shape, 'csv' | 'ndjson'][] = [
    ...CSV.map((shape): [string, Shape, 'csv'] => [`CSV: ${shape[0]}`, shape, 'csv']),
    ...NDJSON.map((shape): [string, Shape, 'ndjson'] => [`NDJSON: ${shape[0]}`, shape, 'ndjson']),
  ];

  it.each(costs)('%s', async (name, [, make], format) => {
    const text = make(MIB - 100);
    const cost = await costOf(() => consume(text, format));
    if (COSTS_TABLE) process.stdout.write(`import | ${name} | ${cost.toFixed(0)}\n`);

    expect(cost).toBeLessThan(BOUND);
  });
});

const linesOf = (table: ReadonlyMap<string, number>): string =>
  [...table].map(([row, cost]) => `${row} | ${cost.toFixed(0)}\n`).join('');
