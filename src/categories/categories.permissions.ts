import { definePermission } from '../common/security/permissions.js';

export const WriteCategories = definePermission(
  'categories:write',
  ['staff'],
  'Create, rename, move and delete categories.',
);
