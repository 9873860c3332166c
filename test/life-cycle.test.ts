import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Deprecated } from '../src/common/http/pipeline/deprecated.js';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import { type Answer, Shop } from './support/shop.js';
import { TillModule } from './support/till.controller.js';

describe('a route whose end is announced', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({}, TillModule);
  });
  afterAll(() => shop.close());

  const announced = ({ headers }: Answer<unknown>): (string | null)[] => [
    headers.get('deprecation'),
    headers.get('sunset'),
  ];

  it('says since when and until when, in every response (RFC 9745 §2, RFC 8594 §3)', async () => {
    const answers = [
      await shop.ask('sales/first'),
      await shop.ask('sales/first', { method: 'HEAD' }),
      await shop.ask('sales/first?unknown=1'),
      await shop.ask('sales/first', { headers: { accept: 'image/png' } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 406]);
    for (const answer of answers) expect(announced(answer)).toEqual(['@1767225600', 'Thu, 01 Jul 2027 12:00:00 GMT']);
  });

  it('is the one that the document says is deprecated; no other says so', async () => {
    const document = (await shop.ask<OpenAPIObject>('/openapi.json')).body;
    const deprecated = locatedOperationsOf(document).filter(({ operation }) => operation.deprecated);

    expect(deprecated.map(({ path }) => path)).toEqual(['/api/v1/sales/first']);
    expect(deprecated[0]?.operation.responses[200]).toMatchObject({
      headers: { Deprecation: expect.anything(), Sunset: expect.anything() },
    });
    expect(announced(await shop.ask('products'))).toEqual([null, null]);
  });

  it('can’t be gone before it is deprecated (RFC 9745 §4)', () => {
    expect(() => Deprecated({ since: '2026-02-01', sunset: '2026-01-01' })).toThrow('can’t be gone');
    expect(() => Deprecated({ since: 'soon', sunset: 'later' })).toThrow('can’t be gone');
  });
});
