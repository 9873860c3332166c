import { randomUUID } from 'node:crypto';
import { openAccount } from '../accounts.js';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/users/me': 2,
    'PATCH /api/v1/users/me': 8,
    'DELETE /api/v1/users/me': 11,
    'PUT /api/v1/users/me/photo': 19,
    // there is none
    'DELETE /api/v1/users/me/photo': 4,
    'GET /api/v1/users': 2,
    'POST /api/v1/users': 10,
    'GET /api/v1/users/{id}': 2,
    'PATCH /api/v1/users/{id}': 9,
    'DELETE /api/v1/users/{id}': 11,
    'GET /api/v1/users/{id}/sessions': 3,
    'DELETE /api/v1/users/{id}/sessions': 3,
  },
  members: { email: '--email--' },
  ids: { customerId: '--account--', ownerId: '--account--' },
  things: {
    account: ({ account }) => Promise.resolve(account.id),
    users: async ({ shop }) => (await openAccount(shop, 'customer')).id,
    // who is invited is nobody yet
    email: ({ path, account }) =>
      Promise.resolve(path.endsWith('/users') ? `${randomUUID()}@stock.test` : account.email),
  },
  rows: { 'users (id, email, name, roles)': "n || '@users.test', 'N', '{customer}'" },
};
