import { definePermission } from '../common/security/permissions.js';

export const ReadOps = definePermission('ops:read', ['staff'], 'See what the shop does in the background.');
export const WriteOps = definePermission('ops:write', [], 'Have background work tried again.');
