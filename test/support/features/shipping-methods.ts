import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/shipping-methods': 1,
    'GET /api/v1/shipping-methods/{id}': 1,
    'POST /api/v1/shipping-methods': 5,
    'PATCH /api/v1/shipping-methods/{id}': 7,
    'DELETE /api/v1/shipping-methods/{id}': 6,
  },
  things: {
    'shipping-methods': ({ post }) =>
      post('shipping-methods', {
        name: 'Standard delivery',
        price: { amount: 395, currency: 'GBP' },
        countries: ['GB', 'IE'],
      }),
  },
  rows: {
    'shipping_methods (id, name, price_amount, price_currency, countries)': `'Delivery ' || n, 395, 'GBP', '{GB}'`,
  },
};
