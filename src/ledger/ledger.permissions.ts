import { definePermission } from '../common/security/permissions.js';

export const ReadLedger = definePermission(
  'ledger:read',
  [],
  'See the ledger: its transactions and its trial balance.',
);
