import { randomUUID } from 'node:crypto';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/categories': 1,
    'POST /api/v1/categories': 7,
    'GET /api/v1/categories/{id}': 1,
    'PATCH /api/v1/categories/{id}': 9,
    'DELETE /api/v1/categories/{id}': 6,
  },
  members: { parentId: '--categories--' },
  things: { categories: ({ post }) => post('categories', { name: randomUUID() }) },
  rows: { 'categories (id, name, slug)': "'C' || n, 'c' || n" },
};
