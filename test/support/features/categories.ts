import { randomUUID } from 'node:crypto';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/categories': 1,
    'POST /api/v1/categories': 8,
    'GET /api/v1/categories/{id}': 1,
    'PATCH /api/v1/categories/{id}': 11,
    'DELETE /api/v1/categories/{id}': 7,
  },
  members: { parentId: '--categories--' },
  things: { categories: ({ post }) => post('categories', { name: randomUUID() }) },
  rows: { 'categories (id, name, slug)': "'C' || n, 'c' || n" },
};
