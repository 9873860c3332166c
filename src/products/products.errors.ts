import { defineError } from '../common/errors/app-error.js';

export const SkuTaken = defineError(
  'sku-taken',
  'conflict',
  'The SKU is taken',
  'Another product has this SKU. Choose another, or change that product.',
);
export const ProductReserved = defineError(
  'product-reserved',
  'conflict',
  'Units of the product are reserved',
  'Orders that are not paid yet reserve units of this product. Wait until they are paid, cancelled or expired, or set its status to `archived`: then nobody can order it.',
);
