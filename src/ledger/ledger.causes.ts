import type { LedgerFault } from './ledger.chain.js';

/** How many causes are compared at a time. */
const BATCH = 500;

/** Rows of one kind that have moved money, and what they moved: what a feature says of its own, or the ledger of what is posted for them. */
export interface Causes {
  /** The ids after one of them, in their order: of all that have moved money. */
  readIds: (after: string | null, limit: number) => Promise<string[]>;
  /** What each of these moved, in minor units: what came is positive, what was paid back negative. One that moved nothing is absent. */
  sumsOf: (ids: readonly string[]) => Promise<Map<string, number>>;
}

/**
 * Compares causes with their postings, both ways. What differs is read twice: a transaction that commits between two reads makes no fault.
 * @param type what the causes are, for the message.
 */
export async function compareCauses(type: string, causes: Causes, postings: Causes): Promise<LedgerFault[]> {
  const faults = new Map<string, LedgerFault>();
  const differing = async (ids: readonly string[]): Promise<[id: string, moved: number, posted: number][]> => {
    const [moved, posted] = [await causes.sumsOf(ids), await postings.sumsOf(ids)];
    return ids
      .map((id): [string, number, number] => [id, moved.get(id) ?? 0, posted.get(id) ?? 0])
      .filter(([, one, other]) => one !== other);
  };
  for (const side of [causes, postings]) {
    let after: string | null = null;
    for (;;) {
      const ids: string[] = await side.readIds(after, BATCH);
      after = ids.at(-1) ?? null;
      if (after === null) break;
      const suspects = (await differing(ids)).map(([id]) => id);
      if (suspects.length === 0) continue;
      for (const [id, moved, posted] of await differing(suspects)) {
        faults.set(id, { detail: `the ${type} ${id} moved ${String(moved)}, and ${String(posted)} is posted for it` });
      }
    }
  }
  return [...faults.values()];
}
