import { hash } from 'node:crypto';
import { skuKey } from '../products/products.bulk.service.js';

/** How many SKUs of one file are remembered: 24 MB. Of later ones it is not known whether they are there twice. */
const MAX_SKUS = 1_000_000;

const FIRST_SLOTS = 1024;

/**
 * On which lines the SKUs of a file stand first: a hash table with 64 bits of each SKU, not the SKU. That two of a million have the
 * same 64 bits has a probability of 1 to 37 million.
 */
export class SkuLines {
  private hashes = new BigUint64Array(FIRST_SLOTS);
  /** 0 where the slot is free. */
  private lines = new Uint32Array(FIRST_SLOTS);
  private count = 0;

  constructor(private readonly max = MAX_SKUS) {}

  /** Remembers a SKU. @returns the line on which it stood before, if it did and is remembered. */
  add(sku: string, line: number): number | undefined {
    const key = keyOf(sku);
    const slot = this.slotOf(key);
    const first = this.lines[slot];
    if (first) return first;
    if (this.count === this.max) return undefined;
    this.hashes[slot] = key;
    this.lines[slot] = line;
    if (++this.count * 2 > this.lines.length) this.grow();
    return undefined;
  }

  /** The line on which a SKU stands first; undefined when it is not remembered. */
  find(sku: string): number | undefined {
    const line = this.lines[this.slotOf(keyOf(sku))];
    return line === 0 ? undefined : line;
  }

  /** Where a key is, or would be. */
  private slotOf(key: bigint): number {
    const mask = this.lines.length - 1;
    let slot = Number(key & BigInt(mask));
    while (this.lines[slot] && this.hashes[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { hashes, lines } = this;
    this.hashes = new BigUint64Array(lines.length * 2);
    this.lines = new Uint32Array(lines.length * 2);
    for (const [from, line] of lines.entries()) {
      const key = hashes[from];
      if (line === 0 || key === undefined) continue;
      const slot = this.slotOf(key);
      this.hashes[slot] = key;
      this.lines[slot] = line;
    }
  }
}

const keyOf = (sku: string): bigint => hash('sha1', skuKey(sku), 'buffer').readBigUInt64LE();
