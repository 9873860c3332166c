import { definePermission } from '../common/security/permissions.js';

export const WriteStock = definePermission(
  'stock:write',
  ['staff'],
  'See and change how much of a product is in stock.',
);
