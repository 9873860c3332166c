import { beforeEach, describe, expect, it } from '@jest/globals';
import { callerOf, refusalOf, standInFor } from '../../test/support/fakes.js';
import { ValidationFailed } from '../common/errors/errors.js';
import { type ProductForOrder, ProductsService } from '../products/products.service.js';
import type { ShippingMethodDto } from '../shipping-methods/dto/shipping-method.dto.js';
import { ShippingMethodsService } from '../shipping-methods/shipping-methods.service.js';
import { MixedCurrencies, ProductNotSold, ShippingNotToCountry } from './orders.errors.js';
import { OrdersPricesService } from './orders.prices.service.js';

const ada = callerOf('ada', 'customer');
const staff = callerOf('sam', 'staff');
const gbp = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'GBP' });
const shippingAddress = { name: 'Ada', street: '1 Harbour Street', city: 'Bristol', country: 'GB' };

const METHOD: ShippingMethodDto = {
  id: 'standard',
  name: 'Standard',
  price: gbp(395),
  countries: ['GB', 'IE'],
  freeFrom: gbp(5000),
  active: true,
  version: 1,
  createdAt: '2026-11-20T09:30:00.000Z',
  updatedAt: '2026-11-20T09:30:00.000Z',
};

describe('OrdersPricesService', () => {
  let products: Map<string, ProductForOrder>;
  let prices: OrdersPricesService;
  const add = (id: string, more: Partial<ProductForOrder> = {}): void => {
    const product = { id, sku: id.toUpperCase(), name: id, status: 'active', priceAmount: 1000, priceCurrency: 'GBP' };
    products.set(id, { ...product, ...more } as ProductForOrder);
  };
  beforeEach(() => {
    products = new Map();
    add('lantern');
    add('candle', { priceAmount: 295 });
    prices = new OrdersPricesService(
      standInFor(ProductsService, { findForOrder: () => Promise.resolve(products) }),
      standInFor(ShippingMethodsService, {
        findActive: (id) => Promise.resolve(id === METHOD.id ? METHOD : undefined),
      }),
    );
  });
  const items = (...asked: [string, number][]): { productId: string; quantity: number }[] =>
    asked.map(([productId, quantity]) => ({ productId, quantity }));

  it('gives each product one line, copies its name and price, and adds the shipping', async () => {
    const order = { items: items(['lantern', 1], ['candle', 2], ['lantern', 2]), shippingAddress };

    expect(await prices.priceOf({ ...order, shippingMethodId: 'standard' }, ada)).toEqual({
      currency: 'GBP',
      lines: [
        { type: 'item', productId: 'lantern', sku: 'LANTERN', name: 'lantern', quantity: 3, unitAmount: 1000 },
        { type: 'item', productId: 'candle', sku: 'CANDLE', name: 'candle', quantity: 2, unitAmount: 295 },
        { type: 'shipping', productId: null, sku: null, name: 'Standard', quantity: 1, unitAmount: 395 },
      ],
      quantities: items(['lantern', 3], ['candle', 2]),
    });
  });

  it('has no line for shipping without a method, and one of 0 from the sum on that makes it free', async () => {
    const free = { items: items(['lantern', 5]), shippingAddress, shippingMethodId: 'standard' };

    expect((await prices.priceOf({ items: items(['lantern', 5]) }, ada)).lines).toHaveLength(1);
    expect((await prices.priceOf(free, ada)).lines[1]).toMatchObject({ type: 'shipping', unitAmount: 0 });
  });

  it('takes a price that staff name, and reserves both prices of one product together', async () => {
    const asked = [{ productId: 'lantern', quantity: 1, unitPrice: gbp(1) }, ...items(['lantern', 2])];
    const { lines, quantities } = await prices.priceOf({ items: asked }, staff);

    expect(lines.map(({ quantity, unitAmount }) => [quantity, unitAmount])).toEqual([
      [1, 1],
      [2, 1000],
    ]);
    expect(quantities).toEqual(items(['lantern', 3]));
  });

  it('names each product that does not exist, drafts included where they are hidden', async () => {
    add('draft', { status: 'draft' });
    const order = { items: items(['lantern', 1], ['nothing', 1], ['draft', 1]) };
    const [hidden, shown] = [
      await refusalOf(prices.priceOf(order, ada)),
      await refusalOf(prices.priceOf(order, staff)),
    ];

    expect([hidden.kind, shown.kind]).toEqual([ValidationFailed, ValidationFailed]);
    expect(hidden.extras.errors?.map(({ pointer }) => pointer)).toEqual(['#/items/1/productId', '#/items/2/productId']);
    expect(shown.extras.errors?.map(({ pointer }) => pointer)).toEqual(['#/items/1/productId']);
  });

  it('names each product that is not sold', async () => {
    add('archived', { status: 'archived' });
    const { kind, extras } = await refusalOf(prices.priceOf({ items: items(['lantern', 1], ['archived', 1]) }, ada));

    expect([kind, extras.errors?.map(({ pointer }) => pointer)]).toEqual([ProductNotSold, ['#/items/1/productId']]);
  });

  it('names what is in another currency than the first item', async () => {
    add('import', { priceCurrency: 'EUR' });
    const order = { items: items(['import', 1], ['lantern', 1]), shippingAddress, shippingMethodId: 'standard' };
    const { kind, extras } = await refusalOf(prices.priceOf(order, ada));

    expect(kind).toBe(MixedCurrencies);
    expect(extras.errors?.map(({ pointer }) => pointer)).toEqual(['#/items/1', '#/shippingMethodId']);
  });

  it('refuses a method that is not there, that has no address, or that does not go to the country', async () => {
    const of = (more: object): Promise<unknown> => prices.priceOf({ items: items(['lantern', 1]), ...more }, ada);
    const refusals = [
      await refusalOf(of({ shippingAddress, shippingMethodId: 'nothing' })),
      await refusalOf(of({ shippingMethodId: 'standard' })),
      await refusalOf(of({ shippingAddress: { ...shippingAddress, country: 'FR' }, shippingMethodId: 'standard' })),
    ];

    expect(refusals.map(({ kind, extras }) => [kind, extras.errors?.[0]?.pointer])).toEqual([
      [ValidationFailed, '#/shippingMethodId'],
      [ValidationFailed, '#/shippingAddress'],
      [ShippingNotToCountry, '#/shippingMethodId'],
    ]);
  });
});
