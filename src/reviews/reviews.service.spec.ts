import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  callerOf,
  FakeEvents,
  FakeTransactions,
  refusalOf,
  standInFor,
  updateRow,
  violationOf,
} from '../../test/support/fakes.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { Pages } from '../common/http/paging/pages.js';
import { STATE } from '../common/http/syntax/etag.js';
import type { RatingTotals } from '../products/dto/product.dto.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import { ProductsService } from '../products/products.service.js';
import { type ReviewRow, stateOf, toReviewDto } from './dto/review.dto.js';
import { ReviewProductTaken } from './reviews.errors.js';
import { ReviewCreated, ReviewDeleted, ReviewUpdated } from './reviews.events.js';
import { type Author, ReviewsRepository } from './reviews.repository.js';
import { ReviewsService } from './reviews.service.js';

describe('a review as it goes out', () => {
  const row: ReviewRow = {
    id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    ownerId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',
    authorName: 'Ada',
    productId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    rating: 3,
    title: 'Title',
    body: 'Body',
    version: 3,
    createdAt: new Date('2026-11-20T09:30:00.000Z'),
    updatedAt: new Date('2026-11-21T10:00:00.000Z'),
  };

  it('has its members, and nothing else that a row may have', () => {
    expect(toReviewDto({ ...row, secret: 'kept' } as ReviewRow)).toEqual({
      [STATE]: stateOf(row),
      id: row.id,
      ownerId: row.ownerId,
      authorName: 'Ada',
      productId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
      rating: 3,
      title: 'Title',
      body: 'Body',
      version: 3,
      createdAt: '2026-11-20T09:30:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  });

  it('is in a state for each of its versions and for each name of its author', () => {
    const names = ['Ada', 'ada', 'Ada ', ''];
    const states = [1, 2, 12].flatMap((version) => names.map((authorName) => stateOf({ version, authorName })));

    expect(new Set(states.map(String)).size).toBe(12);
    expect(stateOf({ version: 12, authorName: 'Ada' })).toMatch(/^12\.\d{1,10}\.\d{1,10}$/);
    expect(stateOf({ version: 12, authorName: 'Ada' })).toBe(stateOf({ version: 12, authorName: 'Ada' }));
  });
});

const LANTERN = '0198f3c2-7d0e-7a51-9b1e-00000000000a';
const DRAFT = '0198f3c2-7d0e-7a51-9b1e-00000000000b';
const ada = callerOf('ada', 'customer');
const cleo = callerOf('cleo', 'customer');
const staff = callerOf('sam', 'staff');

type Faked = 'find' | 'findState' | 'sumRatings' | 'lock' | 'insert' | 'update' | 'delete';

/** Reviews of a lantern, which everybody sees, and of a draft. What is not locked is not changed. */
class ReviewsInMemory implements Pick<ReviewsRepository, Faked> {
  readonly rows = new Map<string, ReviewRow>();
  private readonly locked = new Set<string>();

  add(row: Partial<ReviewRow> = {}): ReviewRow {
    const id = row.id ?? 'a review';
    const added = {
      id,
      ownerId: ada.userId,
      authorName: 'Ada',
      productId: LANTERN,
      rating: 3,
      title: 'Title',
      body: null,
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      ...row,
    };
    this.rows.set(id, added);
    return added;
  }

  find(id: string, reader?: Author): Promise<ReviewRow | undefined> {
    const row = this.rows.get(id);
    const isVisible = row?.productId !== DRAFT || row.ownerId === reader?.userId || seesHiddenProducts(reader);
    return Promise.resolve(isVisible ? row : undefined);
  }

  findState(id: string, reader?: Author): Promise<ReviewRow | undefined> {
    return this.find(id, reader);
  }

  sumRatings(productId: string): Promise<RatingTotals> {
    const ratings = [...this.rows.values()].filter((row) => row.productId === productId).map(({ rating }) => rating);
    return Promise.resolve({ ratingCount: ratings.length, ratingSum: ratings.reduce((sum, one) => sum + one, 0) });
  }

  lock(id: string): Promise<ReviewRow | null> {
    this.locked.add(id);
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  insert(review: Pick<ReviewRow, 'id' | 'productId' | 'rating' | 'title' | 'body'>, author: Author): Promise<boolean> {
    const { productId } = review;
    if (productId !== LANTERN && !(productId === DRAFT && seesHiddenProducts(author))) return Promise.resolve(false);
    const isTaken = [...this.rows.values()].some((row) => row.productId === productId && row.ownerId === author.userId);
    if (isTaken) return Promise.reject(violationOf('reviews_product_id_unique_of_owner'));
    this.add({ ...review, ownerId: author.userId });
    return Promise.resolve(true);
  }

  update(id: string, change: Partial<ReviewRow>): Promise<void> {
    const row = this.locked.has(id) && this.rows.get(id);
    if (row) this.rows.set(id, updateRow(row, change));
    return Promise.resolve();
  }

  delete(id: string): Promise<void> {
    if (this.locked.has(id)) this.rows.delete(id);
    return Promise.resolve();
  }
}

describe('ReviewsService', () => {
  let rows: ReviewsInMemory;
  let events: FakeEvents;
  let rated: [string, RatingTotals][];
  let reviews: ReviewsService;
  beforeEach(() => {
    rows = new ReviewsInMemory();
    rated = [];
    const transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    const products = standInFor(ProductsService, {
      updateRating: async (id, sumRatings) => {
        rated.push([id, await sumRatings()]);
      },
    });
    reviews = new ReviewsService(
      standInFor(ReviewsRepository, rows),
      products,
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
    );
  });

  const praise = { productId: LANTERN, rating: 5, title: 'Bright' };

  it('hides a review of a hidden product from all but its author and staff', async () => {
    const { id } = rows.add({ productId: DRAFT });

    expect((await refusalOf(reviews.read(id))).kind).toBe(NotFound);
    expect((await refusalOf(reviews.read(id, cleo))).kind).toBe(NotFound);
    expect([await reviews.versionOf(id), await reviews.versionOf(id, cleo)]).toEqual([undefined, undefined]);
    expect([(await reviews.read(id, ada)).id, (await reviews.read(id, staff)).id]).toEqual([id, id]);
  });

  it('is in a new state once its author has another name', async () => {
    const { id } = rows.add({ version: 7 });
    const before = await reviews.versionOf(id);
    rows.add({ version: 7, authorName: 'Grace' });

    expect(before).toBe(stateOf({ version: 7, authorName: 'Ada' }));
    expect(await reviews.versionOf(id)).toBe(stateOf({ version: 7, authorName: 'Grace' }));
    expect(await reviews.versionOf(id)).not.toBe(before);
  });

  it('announces a review with what the event says of it, and nothing more', async () => {
    const { id, ownerId, body } = await reviews.create(praise, ada);

    expect([ownerId, body]).toEqual([ada.userId, null]);
    expect(events.published).toEqual([
      { name: 'review.created', id, version: 1, data: { productId: LANTERN, rating: 5 } },
    ]);
  });

  it.each(['0198f3c2-7d0e-7a51-9b1e-00000000000c', DRAFT])(
    'refuses a review of a product that its author cannot see (%s)',
    async (productId) => {
      const { kind, extras } = await refusalOf(reviews.create({ ...praise, productId }, ada));

      expect(kind).toBe(ValidationFailed);
      expect(extras.errors).toEqual([expect.objectContaining({ pointer: '#/productId', code: 'exists' })]);
      expect(events.published).toEqual([]);
    },
  );

  it('refuses a review of a product that was deleted since it was looked up', async () => {
    rows.insert = () => Promise.reject(violationOf('reviews_product_fk'));
    const { kind, extras } = await refusalOf(reviews.create(praise, ada));

    expect(kind).toBe(ValidationFailed);
    expect(extras.errors).toEqual([
      { pointer: '#/productId', code: 'exists', detail: 'there is no product with this id' },
    ]);
  });

  it('refuses a second review of one product by one author, not by another', async () => {
    await reviews.create(praise, ada);

    expect((await refusalOf(reviews.create(praise, ada))).kind).toBe(ReviewProductTaken);
    expect((await reviews.create(praise, cleo)).ownerId).toBe(cleo.userId);
    expect(events.published).toHaveLength(2);
  });

  it('lets its author change it, and announces the new version', async () => {
    const { id } = rows.add({ version: 4 });

    expect(await reviews.update(id, { rating: 1 }, [4], ada)).toMatchObject({ version: 5, rating: 1, title: 'Title' });
    expect(events.published).toEqual([
      { name: 'review.updated', id, version: 5, data: { productId: LANTERN, rating: 1 } },
    ]);
  });

  it('announces nothing when nothing changed', async () => {
    const { id } = rows.add();

    expect((await reviews.update(id, { rating: 3 }, '*', ada)).version).toBe(1);
    expect(events.published).toEqual([]);
  });

  it('is missing for a customer who wants to change that of another, whichever version they name', async () => {
    const { id } = rows.add();
    const attempts = [
      () => reviews.update(id, { rating: 1 }, [1], cleo),
      () => reviews.update(id, { rating: 1 }, [9], cleo),
      () => reviews.remove(id, [1], cleo),
      () => reviews.remove('no review', [1], cleo),
    ];

    for (const attempt of attempts) expect((await refusalOf(attempt())).kind).toBe(NotFound);
    expect([rows.rows.get(id)?.rating, events.published]).toEqual([3, []]);
  });

  it('may be changed and deleted by staff', async () => {
    const { id } = rows.add();

    expect((await reviews.update(id, { title: 'Moderated' }, [1], staff)).title).toBe('Moderated');
    await reviews.remove(id, [2], staff);
    expect(rows.rows.size).toBe(0);
  });

  it('refuses to change or delete another version than expected, and says which there is', async () => {
    const { id } = rows.add({ version: 4 });
    const refusals = [
      await refusalOf(reviews.update(id, { rating: 1 }, [3], ada)),
      await refusalOf(reviews.remove(id, [3], ada)),
    ];

    expect(refusals.map(({ kind, extras }) => [kind.code, extras.version])).toEqual([
      ['precondition-failed', 4],
      ['precondition-failed', 4],
    ]);
    expect([rows.rows.get(id)?.rating, events.published]).toEqual([3, []]);
  });

  it('cannot be moved to another product', async () => {
    const { id } = rows.add();
    const { kind, extras } = await refusalOf(reviews.update(id, { productId: DRAFT, rating: 1 }, [1], ada));

    expect(kind).toBe(ValidationFailed);
    expect(extras.errors).toEqual([expect.objectContaining({ pointer: '#/productId', code: 'unchanged' })]);
    expect([rows.rows.get(id)?.rating, events.published]).toEqual([3, []]);
  });

  it('may name its own product in a change', async () => {
    const { id } = rows.add();

    expect(await reviews.update(id, { productId: LANTERN, rating: 4 }, [1], ada)).toMatchObject({ rating: 4 });
  });

  it('announces that it was deleted, as the version after its last', async () => {
    const { id } = rows.add({ version: 4, rating: 2 });
    await reviews.remove(id, [4], ada);

    expect(rows.rows.size).toBe(0);
    expect(events.published).toEqual([
      { name: 'review.deleted', id, version: 5, data: { productId: LANTERN, rating: 2 } },
    ]);
  });

  it.each([ReviewCreated, ReviewUpdated, ReviewDeleted])('rates the product again after $name', async (type) => {
    rows.add({ id: '1', rating: 2 });
    rows.add({ id: '2', rating: 5 });
    rows.add({ id: '3', rating: 1, productId: DRAFT });
    reviews.onModuleInit();
    await events.deliver(type, { id: '1', version: 1, data: { productId: LANTERN, rating: 4 } });

    expect(rated).toEqual([[LANTERN, { ratingCount: 2, ratingSum: 7 }]]);
  });
});
