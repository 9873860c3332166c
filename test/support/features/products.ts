import { randomUUID } from 'node:crypto';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/products': 1,
    'POST /api/v1/products': 6,
    'GET /api/v1/products/{id}': 1,
    'GET /api/v1/products/by-slug/{slug}': 1,
    'PATCH /api/v1/products/{id}': 8,
    'DELETE /api/v1/products/{id}': 8,
    'GET /api/v1/products/{id}/photos': 1,
    'GET /api/v1/products/{id}/photos/{photoId}': 1,
    'POST /api/v1/products/{id}/photos': 24,
    'PATCH /api/v1/products/{id}/photos/{photoId}': 11,
    'DELETE /api/v1/products/{id}/photos/{photoId}': 14,
    'POST /api/v1/products/{id}/stock-adjustments': 6,
    'GET /api/v1/products/{id}/stock-movements': 3,
  },
  members: {
    sku: '--unused:20--',
    categoryId: '--categories--',
    categoryIds: ['--categories--'],
    photoId: '--photoId--',
  },
  things: {
    products: ({ post }) =>
      post('products', { sku: randomUUID(), name: 'Lantern', price: { amount: 1999, currency: 'GBP' } }),
    slug: async ({ make, shop }) => (await shop.ask<{ slug: string }>(`products/${await make('products')}`)).body.slug,
  },
};
