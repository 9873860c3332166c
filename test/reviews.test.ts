import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReviewDto, ReviewPage } from '../src/reviews/dto/review.dto.js';
import { type Account, openAccount, signIn } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { type Answer, Shop } from './support/shop.js';
import { Stock } from './support/stock.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const ANY = { 'if-match': '*' };
const AT = { role: 'staff', path: '/api/v1/reviews' } as const;

describe('reviews', () => {
  let shop: Shop;
  let stock: Stock;
  let staff: string;
  let customer: string;
  let other: string;
  beforeAll(async () => {
    shop = await Shop.open();
    stock = new Stock(shop);
    [staff, customer, other] = [
      await signIn(shop, 'staff'),
      await signIn(shop, 'customer'),
      await signIn(shop, 'customer'),
    ];
  });
  afterAll(() => shop.close());

  /** What a new one is made of, unlike any before where it must be. */
  async function input(): Promise<Record<string, unknown>> {
    stock.forget();
    return { productId: await stock.fill('--products--', AT), rating: 3, title: 'Title', body: 'Body' };
  }
  const create = async (more: object = {}): Promise<Answer<ReviewDto>> =>
    shop.ask<ReviewDto>('reviews', { method: 'POST', token: customer, json: { ...(await input()), ...more } });
  const makeOne = async (): Promise<ReviewDto> => (await create()).body;

  it('are made, with a Location and an ETag', async () => {
    const json = await input();

    const { status, headers, body } = await shop.ask<ReviewDto>('reviews', { method: 'POST', token: customer, json });

    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      201,
      `/api/v1/reviews/${body.id}`,
      expect.stringMatching(/^"1\.\d+\.\d+-customer"$/),
    ]);
    expect(body).toMatchObject({ ...json, authorName: expect.stringMatching(/^customer \d+$/) });
    expect((await shop.ask(`reviews/${body.id}`)).body).toEqual(body);
  });

  it('are made by nobody who is not signed in', async () => {
    const json = await input();

    expect((await shop.ask('reviews', { method: 'POST', json })).status).toBe(401);
  });

  it.each([
    ['productId', 'none', 'isUuid'],
    ['rating', 6, 'max'],
    ['title', 'x'.repeat(121), 'maxLength'],
    ['body', 'x'.repeat(5001), 'maxLength'],
  ])('have no %s like %j', async (member, value, code) => {
    const { status, body } = await create({ [member]: value });

    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer: `#/${member}`, code }] } });
  });

  it.each(['productId', 'rating', 'title'])('are refused without %s', async (member) => {
    const { status, body } = await create({ [member]: undefined });

    const fault = expect.objectContaining({ pointer: `#/${member}` });
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: expect.arrayContaining([fault]) } });
  });

  it('have no product that another has of the same owner', async () => {
    const first = await makeOne();

    const { status, body } = await create({ productId: first.productId });

    expect([status, body]).toMatchObject([409, { code: 'review-product-taken' }]);
  });

  it('refer to product that is there', async () => {
    const { status, body } = await create({ productId: NOBODYS_ID });

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/productId', code: 'exists' }] }]);
  });

  /** A review of an author of its own; what a visitor is shown of it: the author's name, and the tag. */
  async function reviewOf(author: Account): Promise<{ id: string; shown: () => Promise<[string, string]> }> {
    const post = { method: 'POST', token: author.token, json: await input() };
    const { id } = (await shop.ask<ReviewDto>('reviews', post)).body;
    return {
      id,
      shown: async () => {
        const { body, headers } = await shop.ask<ReviewDto>(`reviews/${id}`);
        return [body.authorName, headers.get('etag') ?? ''];
      },
    };
  }
  const rename = ({ token }: Account, name: string): Promise<Answer<object>> =>
    shop.ask('users/me', { method: 'PATCH', token, headers: ANY, json: { name } });

  it('show the name of their author as it is now, and a pseudonym once the author is erased', async () => {
    const author = await openAccount(shop, 'customer');
    const { shown } = await reviewOf(author);
    const [, first] = await shown();
    await rename(author, 'Grace Hopper');
    const [name, second] = await shown();
    const admin = await signIn(shop, 'admin');
    await shop.ask(`users/${author.id}`, { method: 'DELETE', token: admin, headers: ANY });
    const [pseudonym, third] = await shown();

    expect([name, pseudonym]).toEqual(['Grace Hopper', expect.not.stringContaining('Grace')]);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('have a tag that says nothing of their author’s account but the name', async () => {
    const [author, admin] = [await openAccount(shop, 'customer'), await signIn(shop, 'admin')];
    const { shown } = await reviewOf(author);
    const before = await shown();
    const json = { roles: ['customer', 'staff'] };
    await shop.ask(`users/${author.id}`, { method: 'PATCH', token: admin, headers: ANY, json });
    const afterRoles = await shown();
    await rename(author, 'Somebody Else');
    await rename(author, before[0]);

    expect([afterRoles, await shown()]).toEqual([before, before]);
  });

  it('are another representation once their author has another name, and the same version to change', async () => {
    const author = await openAccount(shop, 'customer');
    const { id, shown } = await reviewOf(author);
    const knows = async (etag: string): Promise<number> =>
      (await shop.ask(`reviews/${id}`, { headers: { 'if-none-match': etag } })).status;
    const changes = async (etag: string, title: string): Promise<number> => {
      const headers = { 'if-match': etag };
      return (await shop.ask(`reviews/${id}`, { method: 'PATCH', token: staff, headers, json: { title } })).status;
    };

    const [, first] = await shown();
    const before = await knows(first);
    await rename(author, 'Ada Lovelace');
    const [, second] = await shown();

    expect([before, await knows(first), await knows(second)]).toEqual([304, 200, 304]);
    expect([await changes(first, 'Second'), await changes(second, 'Third')]).toEqual([200, 412]);
  });

  it('are announced, with their product and rating', async () => {
    const { id, productId } = await makeOne();
    const patch = { method: 'PATCH', token: customer, headers: ANY };
    await shop.ask(`reviews/${id}`, { ...patch, json: { rating: 5 } });
    await shop.ask(`reviews/${id}`, { ...patch, json: { rating: 5 } });
    await shop.ask(`reviews/${id}`, { method: 'DELETE', token: customer, headers: ANY });

    expect(await eventsOf(shop, id)).toEqual([
      { name: 'review.created', version: 1, data: { productId, rating: 3 } },
      { name: 'review.updated', version: 2, data: { productId, rating: 5 } },
      { name: 'review.deleted', version: 3, data: { productId, rating: 5 } },
    ]);
  });

  it('are changed by a client that knows their version', async () => {
    const { id } = await makeOne();
    const change = (headers: Record<string, string>): Promise<Answer<ReviewDto>> =>
      shop.ask<ReviewDto>(`reviews/${id}`, {
        method: 'PATCH',
        token: customer,
        headers,
        json: { rating: 4, title: 'Other title', body: 'Other body' },
      });

    expect((await change({})).status).toBe(428);
    expect((await change({ 'if-match': '"7"' })).status).toBe(412);
    const changed = await change({ 'if-match': '"1"' });
    expect(changed).toMatchObject({
      status: 200,
      body: { id, rating: 4, title: 'Other title', body: 'Other body', version: 2 },
    });
    expect((await shop.ask(`reviews/${id}`)).body).toEqual(changed.body);
  });

  it('are the same, with the same ETag, when nothing is said', async () => {
    const { id, updatedAt } = await makeOne();
    const { status, headers, body } = await shop.ask<ReviewDto>(`reviews/${id}`, {
      method: 'PATCH',
      token: customer,
      headers: ANY,
      json: {},
    });

    expect([status, headers.get('etag'), body.version, body.updatedAt]).toEqual([
      200,
      (await shop.ask(`reviews/${id}`, { token: customer })).headers.get('etag'),
      1,
      updatedAt,
    ]);
  });

  it.each(['body'])('lose their %s by null', async (member) => {
    const { id } = await makeOne();
    const json = { [member]: null };

    const { status, body } = await shop.ask(`reviews/${id}`, { method: 'PATCH', token: customer, headers: ANY, json });

    expect([status, body[member]]).toEqual([200, null]);
  });

  it('are changed and deleted by their owner and by staff alone', async () => {
    const { id } = await makeOne();
    const as = async (token: string, method: string): Promise<number> =>
      (await shop.ask(`reviews/${id}`, { method, token, headers: ANY, ...(method === 'PATCH' && { json: {} }) }))
        .status;

    expect([await as(other, 'PATCH'), await as(other, 'DELETE')]).toEqual([404, 404]);
    expect([await as(staff, 'PATCH'), await as(staff, 'DELETE')]).toEqual([200, 204]);
  });

  it('are gone when they are deleted', async () => {
    const { id } = await makeOne();
    const remove = async (etag: string): Promise<number> =>
      (await shop.ask(`reviews/${id}`, { method: 'DELETE', token: customer, headers: { 'if-match': etag } })).status;

    expect([await remove('"7"'), await remove('"1"'), await remove('"1"')]).toEqual([412, 204, 404]);
    expect((await shop.ask(`reviews/${id}`)).status).toBe(404);
  });

  it('are not sent again to a client that has them', async () => {
    const { id } = await makeOne();

    const etag = (await shop.ask(`reviews/${id}`)).headers.get('etag') ?? '';
    expect((await shop.ask(`reviews/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it.each<[string, object, object, (one: ReviewDto) => Record<string, string>]>([
    ['productId', {}, {}, ({ productId }) => ({ productId })],
    ['minRating', { rating: 4 }, { rating: 3 }, ({ rating }) => ({ minRating: String(rating) })],
    ['maxRating', { rating: 2 }, { rating: 3 }, ({ rating }) => ({ maxRating: String(rating) })],
  ])('are found by %s, and no others', async (_, has, hasNot, queryOf) => {
    const one = (await create(has)).body;
    const another = (await create(hasNot)).body;
    const query = new URLSearchParams({ limit: '100', ...queryOf(one) });

    const { status, body } = await shop.ask<ReviewPage>(`reviews?${query.toString()}`);

    expect(status).toBe(200);
    const ids = body.data.map(({ id }) => id);
    expect(ids).toContain(one.id);
    expect(ids).not.toContain(another.id);
  });

  it('are found by ownerId, and no others', async () => {
    const { id, ownerId } = await makeOne();
    const post = { method: 'POST', token: other, json: await input() };
    const another = (await shop.ask<ReviewDto>('reviews', post)).body;

    const { body } = await shop.ask<ReviewPage>(`reviews?limit=100&ownerId=${ownerId}`);

    const ids = body.data.map((one) => one.id);
    expect(ids).toContain(id);
    expect(ids).not.toContain(another.id);
  });

  const make = async (): Promise<string> => (await makeOne()).id;

  /** The ids on all pages of a list. */
  async function walk(query: string): Promise<string[]> {
    const ids: string[] = [];
    let path: string | null = `/api/v1/reviews?${query}`;
    while (path !== null) {
      const page: { body: ReviewPage; headers: Headers } = await shop.ask<ReviewPage>(path);
      ids.push(...page.body.data.map(({ id }) => id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }
    return ids;
  }

  it('are listed by rating, up and down', async () => {
    // in the other order, so that the order of creation is not taken for it
    const most = (await create({ rating: 5 })).body.id;
    const least = (await create({ rating: 1 })).body.id;

    const [up, down] = [await walk('limit=100&sort=rating'), await walk('limit=100&sort=-rating')];

    expect(up.filter((id) => id === least || id === most)).toEqual([least, most]);
    expect(down).toEqual(up.toReversed());
  });

  it('are listed by createdAt, up and down', async () => {
    const [first, second] = [await make(), await make()];

    const [up, down] = [await walk('limit=100&sort=createdAt'), await walk('limit=100&sort=-createdAt')];

    expect(up.filter((id) => id === first || id === second)).toEqual([first, second]);
    expect(down).toEqual(up.toReversed());
  });

  it('are walked page by page', async () => {
    await make();
    await make();

    const [one, hundred] = [await walk('limit=1'), await walk('limit=100')];
    expect(one.length).toBeGreaterThan(1);
    expect(one).toEqual(hundred);
  });
});
