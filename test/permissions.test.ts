import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { permissionsOf } from '../src/common/security/permissions.js';
import { ROLES } from '../src/common/security/roles.js';
import { openAccount } from './support/accounts.js';
import { DOCUMENT } from './support/document.js';
import { exampleOf, unexpected } from './support/examples.js';
import { Shop } from './support/shop.js';
import { type Asker, Stock } from './support/stock.js';

const operations = locatedOperationsOf(DOCUMENT);
const ASKERS: Asker[] = ['nobody', 'another customer', ...ROLES];

const SUCCESS = [200, 201, 202, 204];

/** Who may call the operation, as the document says. */
function mayCall({ operation: { 'x-access': access } }: Located, asker: Asker): boolean {
  if (access === 'public') return true;
  if (asker === 'nobody') return false;
  return (
    access === 'signed-in' || permissionsOf([asker === 'another customer' ? 'customer' : asker]).has(String(access))
  );
}

/** What the asker may get: what a customer owns is 404 for another customer. */
function expected(located: Located, asker: Asker): number[] {
  if (!mayCall(located, asker)) return [asker === 'nobody' ? 401 : 403];
  const isSomebodys = located.operation['x-owner'] !== undefined && located.path.includes('{');
  return asker === 'another customer' && isSomebodys ? [404] : SUCCESS;
}

/** Operation by operation, what each asker gets: the whole matrix, drawn from the DOCUMENT. */
describe('who may do what', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
    stock = new Stock(shop);
  });
  afterAll(() => shop.close());

  const matrix = operations.flatMap((located) =>
    ASKERS.map((asker) => [located.method.toUpperCase(), located.path, asker, located] as const),
  );

  it.each(matrix)('%s %s by %s', async (_method, _path, asker, located) => {
    const { path, ...ask } = await exampleOf(located, stock, asker);

    const answer = await shop.ask(path, { ...ask, token: await stock.tokenOf(asker) });
    if (answer.status < 300 && located.method !== 'get') stock.forget();

    expect(unexpected(answer, expected(located, asker))).toBeUndefined();
  });

  describe('in a session that has ended', () => {
    let token: string;
    beforeAll(async () => {
      ({ token } = await openAccount(shop, 'admin'));
      await shop.ask('auth/logout', { method: 'POST', token, headers: stock.stranger() });
    });

    it.each(operations.map((located) => [located.method.toUpperCase(), located.path, located] as const))(
      '%s %s',
      async (_method, _path, located) => {
        const { path, ...ask } = await exampleOf(located, stock, 'admin');

        const { status } = await shop.ask(path, { ...ask, token });
        if (status < 300 && located.method !== 'get') stock.forget();

        // an operation that does not look at the caller does not look at the token either
        const looksAtCaller = located.operation.security?.length !== 0;
        expect(status === 401).toBe(looksAtCaller);
      },
    );
  });
});
