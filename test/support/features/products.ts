import { randomUUID } from 'node:crypto';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/products': 1,
    'POST /api/v1/products': 6,
    'GET /api/v1/products/{id}': 1,
    'PATCH /api/v1/products/{id}': 8,
    'DELETE /api/v1/products/{id}': 7,
    'POST /api/v1/products/{id}/stock-adjustments': 6,
    'GET /api/v1/products/{id}/stock-movements': 3,
  },
  members: { sku: '--unused:20--', categoryId: '--categories--', categoryIds: ['--categories--'] },
  things: {
    products: ({ post }) =>
      post('products', { sku: randomUUID(), name: 'Lantern', price: { amount: 1999, currency: 'GBP' } }),
  },
};
