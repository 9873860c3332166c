import type { Transactions } from '../common/database/transactions.js';
import type { BulkProduct, BulkResult } from '../products/products.bulk.service.js';
import { SkuLines } from './reader.skus.js';

/** Does what a dry run does: each batch is written, and taken back. */
export class Rehearsal {
  /** The products that earlier batches would have made. */
  private readonly made = new SkuLines();

  constructor(private readonly transactions: Transactions) {}

  /** Does `work` in a transaction that is rolled back. @returns what it returned. */
  async undo<T>(work: () => Promise<T>): Promise<T> {
    const undone = new Error('a dry run was rolled back');
    const results: T[] = [];
    await this.transactions
      .run(async () => {
        results.push(await work());
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    const result = results.at(-1);
    if (result === undefined) throw new Error('a dry run did nothing');
    return result;
  }

  /** What would become of products if those that earlier batches make were there. */
  correct({ refused, ...counts }: BulkResult, products: readonly BulkProduct[]): BulkResult {
    const isMade = ({ index, code }: BulkResult['refused'][number]): boolean => {
      const sku = products[index]?.sku;
      return code === 'incomplete' && sku !== undefined && this.made.find(sku) !== undefined;
    };
    const again = counts.createdSkus.filter((sku) => this.made.add(sku, 1) !== undefined).length;
    const changed = refused.filter(isMade).length;
    return {
      ...counts,
      created: counts.created - again,
      updated: counts.updated + again + changed,
      refused: refused.filter((one) => !isMade(one)),
    };
  }
}
