import { describe, expect, it } from '@jest/globals';
import {
  canonicalText,
  ChainReplay,
  faultsOf,
  GENESIS,
  linkAfter,
  type SealedContent,
  type StoredLink,
} from './ledger.chain.js';

const transactionOf = (id: string, amount = 1000): SealedContent => ({
  id,
  kind: 'payment',
  causeType: 'payment-attempt',
  causeId: `attempt of ${id}`,
  customerId: 'ada',
  orderId: 'order',
  description: 'Payment of order 7K3F',
  entryCount: 2,
  postedAt: new Date('2026-11-26T12:00:00.123Z'),
  requestId: null,
  entries: [
    { line: 1, account: 'clearing', currency: 'GBP', amount },
    { line: 2, account: 'revenue', currency: 'GBP', amount: -amount },
  ],
});

/** The chain of these transactions, as it is stored. */
function chainOf(...contents: SealedContent[]): StoredLink[] {
  let link = GENESIS;
  return contents.map((transaction) => {
    link = linkAfter(link, transaction);
    return { ...link, transactionId: transaction.id, transaction };
  });
}
const CHAIN = chainOf(transactionOf('a'), transactionOf('b', 2), transactionOf('c', 3));

/** What a replay says of it, by sequence. */
const replayed = (chain: readonly StoredLink[]): [number | undefined, string][] => {
  const replay = new ChainReplay();
  return chain.flatMap((link) => replay.add(link)).map(({ sequence, detail }) => [sequence, detail]);
};
/** The chain with the second transaction changed, and its seal left. */
const changed = (change: Partial<SealedContent>): StoredLink[] =>
  CHAIN.map((link) =>
    link.sequence === 2 && link.transaction ? { ...link, transaction: { ...link.transaction, ...change } } : link,
  );

/** Made by another program: printf '%064d' 0 | xxd -r -p, the text, and so on, through sha256sum. */
const HASHES = [
  [1, '2d1981b31c9e38aa5f97f4620d3a02335521d6ef660ec84153f888f627678599'],
  [2, '4ba78448a4a79258ab26910c962cfab69999d11457b37eff739dff08a21f63fe'],
  [3, 'c79eecfbbfb1d2a8b2e350ddfa78ffadc9f3b3096b4758797c049b378578247f'],
];

describe('the chain', () => {
  it('has the hashes that it always had', () => {
    expect(canonicalText(transactionOf('a'))).toBe(
      '["stockroom-ledger-1","a","payment","payment-attempt","attempt of a","ada","order","Payment of order 7K3F",2,' +
        '"2026-11-26T12:00:00.123Z",null,[[1,"clearing","GBP",1000],[2,"revenue","GBP",-1000]]]',
    );
    expect(CHAIN.map(({ sequence, hash }) => [sequence, hash.toString('hex')])).toEqual(HASHES);
  });

  it('is replayed without a fault', () => {
    expect(replayed(CHAIN)).toEqual([]);
  });

  it.each<[string, Partial<SealedContent>]>([
    ['the kind', { kind: 'refund' }],
    ['the cause', { causeId: 'another' }],
    ['the customer', { customerId: null }],
    ['the order', { orderId: 'another' }],
    ['the description', { description: 'Nothing' }],
    ['the time', { postedAt: new Date('2026-11-26T12:00:00.124Z') }],
    ['the request', { requestId: 'another' }],
    ['an account', { entries: transactionOf('b', 2).entries.map((entry) => ({ ...entry, account: 'tax' })) }],
    ['both amounts', { entries: transactionOf('b', 5).entries }],
  ])('shows that %s was changed, by the place, once', (_, change) => {
    expect(replayed(changed(change))).toEqual([[2, expect.stringContaining('was changed')]]);
  });

  it('shows that one amount was changed, and that the sum is not zero', () => {
    const entries = transactionOf('b', 2).entries.map((entry) => (entry.line === 1 ? { ...entry, amount: 3 } : entry));

    expect(replayed(changed({ entries }))).toEqual([
      [2, expect.stringContaining('was changed')],
      [2, 'the entries of transaction b sum to 1 GBP instead of zero'],
    ]);
  });

  it('shows that a transaction is gone', () => {
    const chain = CHAIN.map((link) => (link.sequence === 2 ? { ...link, transaction: null } : link));

    expect(replayed(chain)).toEqual([[2, 'transaction b is gone']]);
  });

  it('shows that links are gone', () => {
    expect(replayed(CHAIN.filter(({ sequence }) => sequence !== 2))).toEqual([
      [3, 'the chain has no links between 1 and 3'],
      [3, expect.stringContaining('was changed')],
    ]);
  });

  it('shows that transactions stand in another order', () => {
    const [first, second, third] = CHAIN.map(({ transaction }) => transaction);
    const chain = CHAIN.map((link, at) => ({ ...link, transaction: [second, first, third][at] ?? null }));

    expect(replayed(chain).map(([sequence]) => sequence)).toEqual([1, 2]);
  });

  it('has the balances of its snapshots', () => {
    const replay = new ChainReplay();
    for (const link of CHAIN) replay.add(link);
    const right = [
      { account: 'clearing', currency: 'GBP', balance: 1005 },
      { account: 'revenue', currency: 'GBP', balance: -1005 },
    ];

    expect(replay.compare(right)).toEqual([]);
    expect(replay.compare(right.map((one) => ({ ...one, balance: one.balance + 1 })))).toHaveLength(2);
    expect(replay.compare(right.slice(1))).toEqual([
      { sequence: 3, detail: 'the snapshot has nothing of clearing in GBP, the entries sum to 1005' },
    ]);
    expect(replay.compare([...right, { account: 'tax', currency: 'GBP', balance: 0 }])).toEqual([
      { sequence: 3, detail: 'the snapshot has 0 of tax in GBP, the entries sum to nothing' },
    ]);
  });
});

describe('a transaction by itself', () => {
  it('has as many entries as it was posted with', () => {
    expect(faultsOf(transactionOf('a'))).toEqual([]);
    expect(faultsOf({ ...transactionOf('a'), entryCount: 3 })).toEqual(['transaction a has 2 entries instead of 3']);
    expect(faultsOf({ ...transactionOf('a'), entries: [] })).toEqual(['transaction a has 0 entries instead of 2']);
  });
});
