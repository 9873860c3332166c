import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeEvents, FakeTransactions, standInFor, TestClock } from '../../test/support/fakes.js';
import { CategoryUpdated } from '../categories/categories.events.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { type EnqueueOptions, JobsService } from '../common/jobs/jobs.service.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductsCategoryNamesService } from './products.category-names.service.js';
import { RefreshCategoryNames } from './products.jobs.js';

describe('ProductsCategoryNamesService', () => {
  let events: FakeEvents;
  let enqueued: { kind: string; data: unknown; options?: EnqueueOptions }[];
  beforeEach(() => {
    const transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    enqueued = [];
    const jobs = standInFor(JobsService, {
      handle: () => undefined,
      enqueue: (kind, data, options) => {
        enqueued.push({ kind: kind.name, data, options });
        return Promise.resolve('a job');
      },
    });
    new ProductsCategoryNamesService(
      standInFor(ProductsBulkRepository, {}),
      standInFor(EventsService, events),
      jobs,
      standInFor(Transactions, transactions),
      new TestClock(),
    ).onModuleInit();
  });

  it.each([
    { renamed: true, moved: false },
    { renamed: false, moved: true },
  ])('refreshes the products of a category at once, and once more later: $renamed, $moved', async (change) => {
    await events.deliver(CategoryUpdated, { id: 'garden', version: 2, data: { parentId: null, ...change } });

    const work = { kind: RefreshCategoryNames.name, data: { categoryId: 'garden' } };
    expect(enqueued).toEqual([
      { ...work, options: { key: 'garden' } },
      { ...work, options: { key: 'garden again 2', runAt: new Date('2026-11-26T12:02:00.000Z') } },
    ]);
  });

  it('leaves alone what is below: its products are among those of the category that changed', async () => {
    const data = { parentId: 'garden', renamed: false, moved: false };
    await events.deliver(CategoryUpdated, { id: 'lanterns', version: 2, data });

    expect(enqueued).toEqual([]);
  });
});
