import { defineError } from '../common/errors/app-error.js';

export const SkuTaken = defineError(
  'sku-taken',
  'conflict',
  'The SKU is taken',
  'Another product has this SKU. Choose another, or change that product.',
);
