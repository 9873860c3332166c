import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Transactions } from '../../src/common/database/transactions.js';
import { LedgerService } from '../../src/ledger/ledger.service.js';
import type { Shop } from './shop.js';

/** A posting as {@link LedgerService.post} takes it. */
export type Posting = Parameters<LedgerService['post']>[0];

/** A payment of 10.00 in GBP, 1.50 of which is for shipping; with these members instead. */
export const paymentOf = (members: Partial<Posting> = {}): Posting => ({
  kind: 'payment',
  cause: { type: 'sale-of-tests', id: randomUUID() },
  customerId: null,
  orderId: randomUUID(),
  description: 'Payment of order 7K3F',
  entries: [
    { account: 'clearing', amount: 1000, currency: 'GBP' },
    { account: 'revenue', amount: -850, currency: 'GBP' },
    { account: 'shipping', amount: -150, currency: 'GBP' },
  ],
  ...members,
});

/** A refund of 4.00 in GBP; with these members instead. */
export const refundOf = (members: Partial<Posting> = {}): Posting =>
  paymentOf({
    kind: 'refund',
    description: 'Refund of order 7K3F',
    entries: [
      { account: 'refunds', amount: 400, currency: 'GBP' },
      { account: 'clearing', amount: -400, currency: 'GBP' },
    ],
    ...members,
  });

/** Posts it, in a unit of work of its own. @returns the id of the transaction. */
export async function post({ app }: Pick<Shop, 'app'>, posting: Posting = paymentOf()): Promise<string> {
  await app.get(Transactions).run(() => {
    app.get(LedgerService).post(posting);
  });
  const [row] = await app
    .get(DataSource)
    .query<{ id: string }[]>('SELECT id FROM ledger_transactions WHERE cause_id = $1 AND kind = $2', [
      posting.cause.id,
      posting.kind,
    ]);
  if (!row) throw new Error('nothing was posted');
  return row.id;
}
