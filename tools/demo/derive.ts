import { categoriesOf } from './categorise.js';
import { isRealDescription, whyNotGoods, type LeftOutReason } from './goods.js';
import type { InvoiceLine } from './invoice-files.js';
import { readableName } from './naming.js';
import { MILLS } from './price.js';

/** A product of the demo shop. */
export interface CatalogueProduct {
  sku: string;
  name: string;
  /** In pennies of pound sterling. */
  price: number;
  /** One or two paths, the main one first. */
  categories: string[];
  /** Units on hand. */
  stock: number;
}

/** The catalogue, and the figures of what it was made of. */
export interface DerivedCatalogue {
  /** Sorted by sku. */
  products: CatalogueProduct[];
  /** Codes and lines that made no product, by reason. */
  leftOut: ReadonlyMap<LeftOutReason, { codes: number; lines: number }>;
  lines: number;
  /** Lines of goods that are neither a sale nor a cancellation at a price: damage, losses, corrections, gifts. */
  adjustmentLines: number;
  /** Stock codes, those that differ only in the case of a letter counted once. */
  codes: number;
}

interface CodeTally {
  lines: number;
  adjustments: number;
  netSold: number;
  descriptions: Map<string, number>;
  prices: Map<number, number>;
}

/** The catalogue of all these lines. */
export function catalogueOf(lines: Iterable<InvoiceLine>): DerivedCatalogue {
  const derivation = new CatalogueDerivation();
  for (const line of lines) derivation.add(line);
  return derivation.finish();
}

/** Makes the catalogue from invoice lines handed to it one by one; holds a tally per stock code, never the lines. */
class CatalogueDerivation {
  private readonly tallies = new Map<string, CodeTally>();

  /** Counts one line, in any order. */
  add({ invoice, code, description, quantity, mills }: InvoiceLine): void {
    const tally = this.tallyOf(code);
    tally.lines += 1;
    // Stock bookings (damage, finds, gifts) stand on sale invoices too, but always at no price.
    const charged = mills > 0 && mills % MILLS === 0;
    const sold = /^\d+$/.test(invoice) && quantity > 0;
    const returned = invoice.startsWith('C') && quantity < 0;
    if (!charged || !(sold || returned)) {
      tally.adjustments += 1;
      return;
    }
    tally.netSold += quantity;
    count(tally.prices, mills / MILLS);
    count(tally.descriptions, description);
  }

  /** The catalogue of all lines counted so far. */
  finish(): DerivedCatalogue {
    const products: CatalogueProduct[] = [];
    const leftOut = new Map<LeftOutReason, { codes: number; lines: number }>();
    let lines = 0;
    let adjustmentLines = 0;
    for (const [code, tally] of [...this.tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines += tally.lines;
      const outcome = toProduct(code, tally);
      if (typeof outcome === 'string') {
        const soFar = leftOut.get(outcome) ?? { codes: 0, lines: 0 };
        leftOut.set(outcome, { codes: soFar.codes + 1, lines: soFar.lines + tally.lines });
      } else {
        adjustmentLines += tally.adjustments;
        products.push(outcome);
      }
    }
    return { products, leftOut, lines, adjustmentLines, codes: this.tallies.size };
  }

  private tallyOf(code: string): CodeTally {
    const known = this.tallies.get(code);
    if (known !== undefined) {
      return known;
    }
    const tally = { lines: 0, adjustments: 0, netSold: 0, descriptions: new Map(), prices: new Map() };
    this.tallies.set(code, tally);
    return tally;
  }
}

function toProduct(code: string, tally: CodeTally): CatalogueProduct | LeftOutReason {
  const notGoods = whyNotGoods(code);
  if (notGoods !== undefined) {
    return notGoods;
  }
  const price = mostFrequent(tally.prices, (a, b) => a - b);
  if (price === undefined) {
    return 'no price above zero in whole pennies';
  }
  const name = mostFrequent(namesOf(tally.descriptions), (a, b) => (a < b ? -1 : 1));
  if (name === undefined) {
    return 'no description';
  }
  return { sku: code, name, price, categories: categoriesOf(name), stock: stockFor(tally.netSold) };
}

/** Descriptions that differ only in what readableName tidies are one name. */
function namesOf(descriptions: ReadonlyMap<string, number>): Map<string, number> {
  const names = new Map<string, number>();
  for (const [description, times] of descriptions) {
    if (isRealDescription(description)) {
      count(names, readableName(description), times);
    }
  }
  return names;
}

/** What was sold net and a tenth more, in whole units; none when more came back than went out. */
function stockFor(netSold: number): number {
  return Math.max(0, Math.ceil((netSold * 11) / 10));
}

function count<T>(counts: Map<T, number>, key: T, times = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

/** Of keys counted equally often the one that sorts first, so that a catalogue never depends on the order of lines. */
function mostFrequent<T>(counts: ReadonlyMap<T, number>, compare: (a: T, b: T) => number): T | undefined {
  const [first] = [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || compare(a, b));
  return first?.[0];
}
