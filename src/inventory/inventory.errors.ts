import { defineError } from '../common/errors/app-error.js';

export const StockFull = defineError(
  'stock-full',
  'conflict',
  'More than the stock can hold',
  'Of a product there can be 1,000,000,000 units at most. Look at how many there are, and send a smaller `delta`.',
);
export const OutOfStock = defineError(
  'out-of-stock',
  'conflict',
  'Not enough in stock',
  'There are fewer units available than this would take. `available` says how many there are; of several products, `products` says it of each that has too few.',
  {
    available: {
      type: 'integer',
      format: 'int32',
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'how many there are.',
    },
    products: {
      type: 'array',
      maxItems: 100,
      xml: { wrapped: true },
      description: 'the products that have too few: the first hundred.',
      items: {
        type: 'object',
        xml: { name: 'i' },
        properties: {
          productId: { type: 'string', format: 'uuid', maxLength: 36, description: 'The product.' },
          available: {
            type: 'integer',
            format: 'int32',
            minimum: 0,
            maximum: 1_000_000_000,
            description: 'How many there are.',
          },
        },
        required: ['productId', 'available'],
        additionalProperties: false,
      },
    },
  },
);
