import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/product-families': 1,
    'GET /api/v1/product-families/{id}': 1,
    'POST /api/v1/product-families': 7,
    'PATCH /api/v1/product-families/{id}': 9,
    'DELETE /api/v1/product-families/{id}': 8,
    'PUT /api/v1/product-families/{id}/members/{productId}': 9,
    'DELETE /api/v1/product-families/{id}/members/{productId}': 8,
  },
  members: { code: '--unused:20--', productId: '--products--' },
  ids: { productId: '--products--', familyId: '--product-families--' },
  scopes: { productId: 'open' },
  things: {
    'product-families': async ({ post, make }) => {
      const member = { productId: await make('products'), options: { Size: 'L', Colour: 'Red' } };
      return post('product-families', {
        name: `T-shirt ${randomUUID()}`,
        options: ['Size', 'Colour'],
        members: [member],
      });
    },
    // a member of the family that was made last, which the request names before it
    productId: async ({ shop }) => {
      const [row] = await shop.app
        .get(DataSource)
        .query<{ id: string }[]>('SELECT id FROM products WHERE family_id IS NOT NULL ORDER BY family_id DESC LIMIT 1');
      return row?.id ?? '';
    },
  },
  rows: { 'product_families (id, name, slug, options)': "'F' || n, 'f' || n, '{Size}'" },
};
