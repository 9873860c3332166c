import { definePermission } from '../common/security/permissions.js';

export const WriteRefunds = definePermission('refunds:write', ['staff'], 'Refund what customers have paid.');
