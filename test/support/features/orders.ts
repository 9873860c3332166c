import { randomUUID } from 'node:crypto';
import type { Feature, Making } from '../feature.js';
import { resourceAt } from '../paths.js';
import { pay } from './payments.js';

/** A product of a price, with enough units for all requests. */
async function stocked({ post }: Making, amount: number): Promise<string> {
  const price = { amount, currency: 'GBP' };
  const id = await post('products', { sku: randomUUID(), name: 'Lantern', price });
  await post(`products/${id}/stock-adjustments`, { delta: 1000, reason: 'Delivery' });
  return id;
}

export const feature: Feature = {
  statements: {
    'GET /api/v1/orders': 2,
    'GET /api/v1/orders/{id}': 2,
    'POST /api/v1/orders': 13,
    'GET /api/v1/orders/{id}/events': 3,
    'POST /api/v1/orders/{id}/cancel': 10,
    'GET /api/v1/orders/{id}/fulfillments': 3,
    'POST /api/v1/orders/{id}/fulfillments': 10,
    'GET /api/v1/orders/{id}/payments': 3,
    'GET /api/v1/orders/{id}/payments/{paymentId}': 3,
    'POST /api/v1/orders/{id}/payments': 32,
    'POST /api/v1/orders/{id}/payments/{paymentId}/captures': 37,
    'POST /api/v1/orders/{id}/refunds': 41,
  },
  members: {
    items: [{ productId: '--stocked-products--', quantity: 1 }],
    lines: [{ lineId: '--order-items--', quantity: 1 }],
    paymentId: '--paymentId--',
  },
  ids: { orderId: '--orders--', shippingMethodId: '--shipping-methods--' },
  scopes: { 'stocked-products': 'open', 'order-items': 'part' },
  things: {
    'stocked-products': (making) => stocked(making, 1999),
    // what is to be sent is confirmed: it costs nothing
    orders: async (making) => {
      const { path, shop, account } = making;
      const productId = await stocked(making, path.endsWith('/fulfillments') ? 0 : 1999);
      const id = await making.own('orders', { items: [{ productId, quantity: 2 }] });
      // staff alone authorize a payment that is captured later
      if (path.endsWith('/captures'))
        await making.post(`orders/${id}/payments`, { token: 'tok_success', capture: false });
      else if (path.endsWith('/refunds') || /\/orders\/[^/]+\/payments\//.test(path))
        await pay(shop, id, account.token, 'tok_success');
      return id;
    },
    'order-items': async ({ shop, account, path }) => {
      const { body } = await shop.ask<{ items?: { id: string }[] }>(resourceAt(path), account);
      return body.items?.[0]?.id ?? randomUUID();
    },
  },
  rows: {
    'orders (id, number, customer_id, status, payment_status, currency, total, expires_at)': `'N-' || n, (SELECT id FROM users ORDER BY id LIMIT 1), 'pending', 'unpaid', 'GBP', n, now() + interval '1 day'`,
  },
};
