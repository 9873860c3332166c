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
  'There are fewer units available than this would take. `available` says how many there are.',
  {
    available: {
      type: 'integer',
      format: 'int32',
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'how many there are.',
    },
  },
);
