import { openAccount, settled } from '../accounts.js';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/products/export': 3,
    'GET /api/v1/imports': 2,
    'POST /api/v1/imports': 8,
    'POST /api/v1/imports/preview': 1,
    'GET /api/v1/imports/{id}': 3,
    'GET /api/v1/imports/{id}/faults': 3,
    'GET /api/v1/imports/{id}/faulty-lines': 3,
  },
  things: {
    imports: async ({ shop }) => {
      const { token } = await openAccount(shop, 'staff');
      const csv = { method: 'POST', token, headers: { 'content-type': 'text/csv' }, body: 'sku\n"' };
      const { id } = (await shop.ask<{ id: string }>('imports', csv)).body;
      // what is asked of an import may need that its file was looked at
      await settled(shop);
      return id;
    },
  },
  rows: { 'imports (id, state, format)': "'finished', 'csv'" },
};
