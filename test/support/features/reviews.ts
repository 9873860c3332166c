import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/reviews': 1,
    'GET /api/v1/reviews/{id}': 1,
    'POST /api/v1/reviews': 6,
    'PATCH /api/v1/reviews/{id}': 7,
    'DELETE /api/v1/reviews/{id}': 6,
  },
  members: { productId: '--products--' },
  things: {
    reviews: async ({ own, make }) => own('reviews', { productId: await make('products'), rating: 3, title: 'Title' }),
  },
  rows: {
    'reviews (id, owner_id, product_id, rating, title, body)': `(SELECT id FROM users ORDER BY id LIMIT 1), (SELECT id FROM products ORDER BY id LIMIT 1 OFFSET n), 3, 'Title', 'Body'`,
  },
};
