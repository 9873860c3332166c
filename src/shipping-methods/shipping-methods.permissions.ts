import type { Caller } from '../common/security/caller.js';
import { definePermission } from '../common/security/permissions.js';

export const WriteShippingMethods = definePermission(
  'shipping-methods:write',
  ['staff'],
  'Create, update and delete shipping methods, and see those that are not active.',
);

/** Whether shipping methods that are not active exist for a caller. */
export const seesInactiveMethods = (caller: Pick<Caller, 'permissions'> | undefined): boolean =>
  caller?.permissions.has(WriteShippingMethods.name) ?? false;
