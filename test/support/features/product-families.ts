import { randomUUID } from 'node:crypto';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/product-families': 1,
    'GET /api/v1/product-families/{id}': 1,
    'POST /api/v1/product-families': 7,
    'PATCH /api/v1/product-families/{id}': 8,
    'DELETE /api/v1/product-families/{id}': 7,
    'PUT /api/v1/product-families/{id}/members/{productId}': 10,
    'DELETE /api/v1/product-families/{id}/members/{productId}': 5,
  },
  members: { code: '--unused:20--', productId: '--products--' },
  things: {
    'product-families': ({ post }) =>
      post('product-families', { name: `T-shirt ${randomUUID()}`, options: ['Size', 'Colour'] }),
  },
  rows: { 'product_families (id, name, slug, options)': "'F' || n, 'f' || n, '{Size}'" },
};
