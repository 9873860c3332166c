import { randomUUID } from 'node:crypto';
import { openAccount } from '../accounts.js';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/users/me': 2,
    'PATCH /api/v1/users/me': 7,
    'DELETE /api/v1/users/me': 12,
    'GET /api/v1/users': 2,
    'POST /api/v1/users': 9,
    'GET /api/v1/users/{id}': 2,
    'PATCH /api/v1/users/{id}': 8,
    'DELETE /api/v1/users/{id}': 12,
    'GET /api/v1/users/{id}/sessions': 3,
    'DELETE /api/v1/users/{id}/sessions': 3,
  },
  members: { email: '--email--' },
  things: {
    users: async ({ shop }) => (await openAccount(shop, 'customer')).id,
    // who is invited is nobody yet
    email: ({ path, account }) =>
      Promise.resolve(path.endsWith('/users') ? `${randomUUID()}@stock.test` : account.email),
  },
  rows: { 'users (id, email, name, roles)': "n || '@users.test', 'N', '{customer}'" },
};
