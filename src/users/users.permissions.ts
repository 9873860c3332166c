import { definePermission } from '../common/security/permissions.js';

export const ReadUsers = definePermission('users:read', ['staff'], 'List and read users.');
export const WriteUsers = definePermission('users:write', [], 'Invite, change, disable and erase users.');
