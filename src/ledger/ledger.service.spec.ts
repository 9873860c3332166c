import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeTransactions, refusalOf, standInFor, TestClock } from '../../test/support/fakes.js';
import { runInRequest } from '../common/context/request-context.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound } from '../common/errors/errors.js';
import { Pages } from '../common/http/paging/pages.js';
import type { LedgerTransaction } from './entities/ledger-transaction.entity.js';
import { LedgerHeadService } from './ledger.head.service.js';
import { type Posting, WrongPosting } from './ledger.postings.js';
import { type BalanceRow, LedgerRepository, type NewEntry } from './ledger.repository.js';
import { LedgerService } from './ledger.service.js';

const PAYMENT: Posting = {
  kind: 'payment',
  cause: { type: 'payment-attempt', id: 'attempt' },
  customerId: 'ada',
  orderId: 'order',
  description: 'Payment of order 7K3F',
  entries: [
    { account: 'clearing', amount: 1000, currency: 'GBP' },
    { account: 'revenue', amount: -850, currency: 'GBP' },
    { account: 'shipping', amount: -150, currency: 'GBP' },
  ],
};

describe('LedgerService', () => {
  let posted: { transaction: LedgerTransaction; entries: readonly NewEntry[] }[];
  let balances: BalanceRow[];
  let transactions: FakeTransactions;
  let clock: TestClock;
  let ledger: LedgerService;
  beforeEach(() => {
    [posted, balances] = [[], []];
    transactions = new FakeTransactions();
    clock = new TestClock();
    ledger = new LedgerService(
      standInFor(LedgerRepository, {
        insert: (transaction, entries) => {
          posted.push({ transaction, entries });
        },
        find: () => Promise.resolve(undefined),
        sumBalances: () => Promise.resolve(balances),
      }),
      standInFor(LedgerHeadService, { read: () => Promise.resolve(null) }),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
      clock,
    );
  });

  const post = (members: Partial<Posting> = {}): Promise<void> =>
    transactions.run(() => {
      ledger.post({ ...PAYMENT, ...members });
    });

  it('posts a payment of 1000 with 150 for shipping, in lines, with the kinds of the accounts', async () => {
    await runInRequest({ requestId: 'a request' }, () => post());

    expect(posted).toMatchObject([
      {
        transaction: {
          kind: 'payment',
          causeType: 'payment-attempt',
          causeId: 'attempt',
          customerId: 'ada',
          orderId: 'order',
          description: 'Payment of order 7K3F',
          entryCount: 3,
          postedAt: clock.time,
          requestId: 'a request',
        },
        entries: [
          { line: 1, account: 'clearing', kind: 'asset', amount: 1000, currency: 'GBP' },
          { line: 2, account: 'revenue', kind: 'income', amount: -850, currency: 'GBP' },
          { line: 3, account: 'shipping', kind: 'income', amount: -150, currency: 'GBP' },
        ],
      },
    ]);
  });

  it('leaves out entries of zero', async () => {
    await post({
      entries: [
        { account: 'clearing', amount: 5, currency: 'JPY' },
        { account: 'shipping', amount: 0, currency: 'JPY' },
        { account: 'revenue', amount: -5, currency: 'JPY' },
      ],
    });

    expect(posted.map(({ transaction, entries }) => [transaction.entryCount, entries.map(({ line }) => line)])).toEqual(
      [[2, [1, 2]]],
    );
  });

  it.each<[string, Posting['entries'], string]>([
    [
      'do not sum to zero',
      [
        { account: 'clearing', amount: 1000, currency: 'GBP' },
        { account: 'revenue', amount: -999, currency: 'GBP' },
      ],
      'sum to 1 GBP instead of zero',
    ],
    [
      'sum to zero over two currencies only',
      [
        { account: 'clearing', amount: 1000, currency: 'GBP' },
        { account: 'revenue', amount: -1000, currency: 'EUR' },
      ],
      'sum to 1000 GBP instead of zero',
    ],
    [
      'have a fraction',
      [
        { account: 'clearing', amount: 0.5, currency: 'GBP' },
        { account: 'revenue', amount: -0.5, currency: 'GBP' },
      ],
      'no whole number of minor units',
    ],
    [
      'are larger than numbers are exact',
      [
        { account: 'clearing', amount: 2 ** 53, currency: 'GBP' },
        { account: 'revenue', amount: -(2 ** 53), currency: 'GBP' },
      ],
      'no whole number of minor units',
    ],
    [
      'are in no currency',
      [
        { account: 'clearing', amount: 1, currency: 'gbp' },
        { account: 'revenue', amount: -1, currency: 'gbp' },
      ],
      'gbp is not a currency',
    ],
    [
      'move customer money in two currencies',
      [
        { account: 'clearing', amount: 1, currency: 'GBP' },
        { account: 'revenue', amount: -1, currency: 'GBP' },
        { account: 'clearing', amount: 1, currency: 'EUR' },
        { account: 'revenue', amount: -1, currency: 'EUR' },
      ],
      'in 2 currencies',
    ],
    [
      'move no customer money',
      [
        { account: 'tax', amount: 1, currency: 'GBP' },
        { account: 'revenue', amount: -1, currency: 'GBP' },
      ],
      'in 0 currencies',
    ],
    ['are none', [], 'in 0 currencies'],
  ])('refuses entries that %s', async (_, entries, why) => {
    const refused = post({ entries });

    await expect(refused).rejects.toBeInstanceOf(WrongPosting);
    await expect(refused).rejects.toThrow(why);
    expect(posted).toEqual([]);
  });

  it('posts only in the unit of work of a cause', () => {
    expect(() => {
      ledger.post(PAYMENT);
    }).toThrow('outside of a unit of work');
    expect(posted).toEqual([]);
  });

  it('sums the balances in each currency', async () => {
    balances = [
      { account: 'clearing', kind: 'asset', currency: 'GBP', amount: 1000 },
      { account: 'clearing', kind: 'asset', currency: 'EUR', amount: 7 },
      { account: 'revenue', kind: 'income', currency: 'GBP', amount: -999 },
    ];

    expect(await ledger.readTrialBalance()).toEqual({
      balances: [
        { account: 'clearing', kind: 'asset', balance: { amount: 1000, currency: 'GBP' } },
        { account: 'clearing', kind: 'asset', balance: { amount: 7, currency: 'EUR' } },
        { account: 'revenue', kind: 'income', balance: { amount: -999, currency: 'GBP' } },
      ],
      totals: [
        { amount: 7, currency: 'EUR' },
        { amount: 1, currency: 'GBP' },
      ],
      head: null,
    });
  });

  it('knows no other transaction', async () => {
    expect((await refusalOf(ledger.read('nobody'))).kind).toBe(NotFound);
  });
});
