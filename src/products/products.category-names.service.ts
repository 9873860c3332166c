import { Injectable, type OnModuleInit } from '@nestjs/common';
import { NIL } from 'uuid';
import { CategoryUpdated } from '../categories/categories.events.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import type { RunningJob } from '../common/jobs/job-execution.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { RefreshCategoryNames } from './products.jobs.js';

/** How many products one unit of work brings up to date. */
const BATCH = 500;
/** After how many seconds the products are looked at again; transactions take less. */
const SECOND_LOOK = 120;

/**
 * Products are found by the names of their categories, of which each has a copy. When a category is renamed or moved, the copies
 * follow: a job walks the products, so that a change of a large department is answered at once.
 */
@Injectable()
export class ProductsCategoryNamesService implements OnModuleInit {
  constructor(
    private readonly products: ProductsBulkRepository,
    private readonly events: EventsService,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.events.handle('category names of products', [CategoryUpdated], async ({ aggregateId, version, data }) => {
      if (!data.renamed && !data.moved) return;
      const work = { categoryId: aggregateId };
      await this.jobs.enqueue(RefreshCategoryNames, work, { key: aggregateId });
      // For products that are being put into the category meanwhile: they have its old name, and are not to be seen yet. Each change
      // has a look of its own: a job that waits keeps the earlier time.
      await this.jobs.enqueue(RefreshCategoryNames, work, {
        key: `${aggregateId} again ${String(version)}`,
        runAt: this.clock.in(SECOND_LOOK),
      });
    });
    this.jobs.handle(RefreshCategoryNames, ({ categoryId }, job) => this.refresh(categoryId, job));
  }

  /** Brings the products in a category and below it up to date, batch by batch; those that are so already stay untouched. */
  private async refresh(categoryId: string, { signal, progress }: RunningJob): Promise<void> {
    let done = 0;
    for (let after: string | undefined = NIL; after !== undefined;) {
      signal.throwIfAborted();
      const ids = await this.refreshNext(categoryId, after);
      progress((done += ids.length));
      after = ids.length === BATCH ? ids.at(-1) : undefined;
    }
  }

  /** @returns the ids of the products. */
  private async refreshNext(categoryId: string, after: string): Promise<string[]> {
    return this.transactions.run(async () => {
      const ids = await this.products.findIdsBelow(categoryId, after, BATCH);
      if (ids.length === 0) return ids;
      // in the order of the ids, as imports lock them
      await this.products.lockContent(ids);
      await this.products.refreshCategoryNames(ids);
      return ids;
    });
  }
}
