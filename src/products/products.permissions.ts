import type { Caller } from '../common/security/caller.js';
import { definePermission } from '../common/security/permissions.js';

export const WriteProducts = definePermission(
  'products:write',
  ['staff'],
  'Create, update and delete products, see those that are not active, and import catalogues.',
);

/** Whether products that are not active exist for a caller: drafts and archived products are for staff only. */
export const seesHiddenProducts = (caller: Pick<Caller, 'permissions'> | undefined): boolean =>
  caller?.permissions.has(WriteProducts.name) ?? false;
