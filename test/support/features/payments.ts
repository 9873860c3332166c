import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Feature } from '../feature.js';
import type { Shop } from '../shop.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/payments': 2,
    'POST /api/v1/payments/{id}/resolve': 14,
  },
  members: { outcome: 'declined' },
  things: {
    payments: async ({ shop, make, account: { token } }) => pay(shop, await make('orders'), token, 'tok_timeout'),
    // of the order that was made last, which the request names before it
    paymentId: async ({ shop }) => {
      const [row] = await shop.app
        .get(DataSource)
        .query<{ id: string }[]>('SELECT id FROM payment_attempts ORDER BY created_at DESC, id DESC LIMIT 1');
      return row?.id ?? randomUUID();
    },
  },
};

/** Pays an order. @returns the id of the payment. */
export async function pay(shop: Shop, orderId: string, token: string, by: string, more: object = {}): Promise<string> {
  const { body } = await shop.ask<{ id: string }>(`orders/${orderId}/payments`, {
    method: 'POST',
    token,
    headers: { 'idempotency-key': randomUUID() },
    json: { token: by, ...more },
  });
  return body.id;
}
