import { definePermission } from '../common/security/permissions.js';

export const ReadOrders = definePermission(
  'orders:read',
  ['staff'],
  'See the orders of all customers, and what happened to them.',
);

export const WriteOrders = definePermission(
  'orders:write',
  ['staff'],
  'Place orders for customers at prices of one’s own, cancel the orders of others, and send them.',
);
