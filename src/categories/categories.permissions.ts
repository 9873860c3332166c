import { definePermission } from '../common/security/permissions.js';

/** Covers the whole catalogue: a product is nothing without the categories it is found in. */
export const WriteProducts = definePermission(
  'products:write',
  ['staff'],
  'Create, change, import and delete products and categories.',
);
