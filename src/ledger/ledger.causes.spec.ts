import { describe, expect, it } from '@jest/globals';
import { type Causes, compareCauses } from './ledger.causes.js';

const causesOf = (sums: Map<string, number>, onRead?: () => void): Causes => ({
  readIds: (after, limit) =>
    Promise.resolve(
      [...sums.keys()]
        .sort()
        .filter((id) => id > (after ?? ''))
        .slice(0, limit),
    ),
  sumsOf: (ids) => {
    const found = new Map([...sums].filter(([id]) => ids.includes(id)));
    onRead?.();
    return Promise.resolve(found);
  },
});

describe('comparing causes with their postings', () => {
  it('finds nothing where both say the same, of more than are read at a time', async () => {
    const sums = new Map(Array.from({ length: 1234 }, (_, n) => [`id ${String(n)}`, n + 1]));

    expect(await compareCauses('sale', causesOf(sums), causesOf(sums))).toEqual([]);
  });

  it('finds another amount, a cause without a posting, and a posting without a cause', async () => {
    const moved = { same: 5, other: 7, unposted: 9 };
    const posted = { same: 5, other: 8, unmoved: -4 };
    const faults = await compareCauses('sale', causesOf(toMap(moved)), causesOf(toMap(posted)));

    expect(faults.map(({ detail }) => detail)).toEqual([
      'the sale other moved 7, and 8 is posted for it',
      'the sale unposted moved 9, and 0 is posted for it',
      'the sale unmoved moved 0, and -4 is posted for it',
    ]);
  });

  it('takes no transaction for a fault that commits between two reads', async () => {
    const [moved, posted] = [new Map<string, number>(), new Map<string, number>()];
    posted.set('first', 3);
    const causes = causesOf(moved, () => moved.set('first', 3));

    expect(await compareCauses('sale', causes, causesOf(posted))).toEqual([]);
  });
});

const toMap = (sums: Record<string, number>): Map<string, number> => new Map(Object.entries(sums));
