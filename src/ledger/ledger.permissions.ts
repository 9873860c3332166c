import { definePermission } from '../common/security/permissions.js';

export const ReadLedger = definePermission(
  'ledger:read',
  ['staff'],
  'See the ledger: its transactions and its trial balance.',
);
