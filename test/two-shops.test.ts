import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('two applications in one process', () => {
  let shops: Shop[] = [];
  beforeAll(async () => {
    shops = [
      await Shop.open({ secrets: ['the secret of the first shop, 1234567890'] }),
      await Shop.open({ secrets: ['the secret of the second shop, 123456789'] }),
    ];
  });
  afterAll(async () => {
    for (const shop of shops) await shop.close();
  });

  it('each know their own users, and not those of the other', async () => {
    const tokens: string[] = [];
    for (const shop of shops) tokens.push((await openAccount(shop, 'customer')).token);
    const statuses = await Promise.all(
      shops.map((shop) => Promise.all(tokens.map(async (token) => (await shop.ask('users/me', { token })).status))),
    );

    expect(statuses).toEqual([
      [200, 401],
      [401, 200],
    ]);
  });
});
