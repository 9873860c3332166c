import { post } from '../ledger.js';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/ledger/transactions': 2,
    'GET /api/v1/ledger/transactions/{id}': 2,
    'GET /api/v1/ledger/trial-balance': 3,
    'GET /api/v1/users/me/transactions': 2,
  },
  things: { ledger: ({ shop }) => post(shop) },
};
