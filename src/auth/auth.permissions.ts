import { definePermission } from '../common/security/permissions.js';

export const ReadSessions = definePermission('sessions:read', [], 'List where other users are signed in.');
export const WriteSessions = definePermission('sessions:write', [], 'End the sessions of other users.');
