import { defineProblem } from '../common/errors/problem.js';

export const SkuTaken = defineProblem(
  'sku-taken',
  409,
  'The SKU is taken',
  'Another product has this SKU. Choose another, or change that product.',
);
export const StockFull = defineProblem(
  'stock-full',
  409,
  'More than the stock can hold',
  'Of a product there can be 1,000,000,000 units at most. Look at how many there are, and send a smaller `delta`.',
);
export const OutOfStock = defineProblem(
  'out-of-stock',
  409,
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
