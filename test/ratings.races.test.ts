import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApp } from '../src/app.js';
import { DeliveriesRepository } from '../src/common/events/deliveries.repository.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { ProductsService } from '../src/products/products.service.js';
import type { Author } from '../src/reviews/reviews.repository.js';
import { ReviewsRepository } from '../src/reviews/reviews.repository.js';
import { ReviewsService } from '../src/reviews/reviews.service.js';
import { UsersService } from '../src/users/users.service.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { until } from './support/until.js';

const CUSTOMERS = 8;
const ROUNDS = 10;
const NOBODY = { userId: randomUUID(), sessionId: randomUUID(), roles: [], permissions: new Set<string>() };

let database: TestDatabase;
let apps: NestFastifyApplication[];
let authors: Author[];
beforeAll(async () => {
  database = await createTestDatabase();
  apps = [];
  // the embedded engine belongs to one application
  for (let n = 0; n < (process.env.TEST_DATABASE_URL ? 2 : 1); n++) {
    const app = await createApp(database.config, database.options);
    apps.push(app);
    await app.init();
  }
  authors = await Promise.all(Array.from({ length: CUSTOMERS }, openAuthor));
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await database.drop();
});

async function openAuthor(): Promise<Author> {
  const user = { name: 'Ada', roles: ['customer' as const], passwordHash: null, verified: true };
  const { id } = await processOf(0)
    .get(UsersService)
    .create({ ...user, email: `${randomUUID()}@races.test` });
  return { userId: id, permissions: new Set() };
}
/** One of the applications: requests are divided among them. */
function processOf(n: number): NestFastifyApplication {
  const app = apps[n % apps.length];
  if (!app) throw new Error('no application was made');
  return app;
}
async function makeProduct(): Promise<string> {
  const product = { sku: randomUUID(), name: 'Lantern', price: { amount: 1999, currency: 'GBP' } };
  return (await processOf(0).get(ProductsService).create(product, NOBODY)).id;
}
const review = (n: number, productId: string, rating: number): Promise<{ id: string }> =>
  processOf(n)
    .get(ReviewsService)
    .create({ productId, rating, title: 'Title' }, authors[n] ?? NOBODY);
const ratingOf = async (id: string): Promise<ProductDto['rating']> =>
  (await processOf(0).get(ProductsService).read(id)).rating;
const countOf = async (id: string): Promise<number> => (await ratingOf(id)).count;

/** Whether a transaction waits for another one. */
async function isWaiting(): Promise<boolean> {
  const waiting = await processOf(0)
    .get(DataSource)
    .query<object[]>("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
  return waiting.length > 0;
}

/** Waits until no process has an event to handle. */
async function settle(): Promise<void> {
  const deliveries = processOf(0).get(DeliveriesRepository);
  for (let isDone = false; !isDone;) {
    const relays = apps.map((app) => app.get(EventRelay));
    for (const relay of relays) relay.wake();
    await Promise.all(relays.map((relay) => relay.idle()));
    const { isUnpublished, behind, due } = await deliveries.findPending(processOf(0).get(EventRelay).consumers);
    isDone = !isUnpublished && behind.length === 0 && due.length === 0;
  }
}

it('counts each of those who review a product, change and delete their reviews at the same time', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const productId = await makeProduct();
    await Promise.all(
      authors.map(async (author, n) => {
        const { id } = await review(n, productId, 5);
        const caller = { ...NOBODY, ...author };
        const reviews = processOf(n + 1).get(ReviewsService);
        if (n % 4 === 1) await reviews.update(id, { rating: 1 }, '*', caller);
        if (n % 4 === 2) await reviews.remove(id, '*', caller);
      }),
    );
    await settle();

    // of eight, two are changed from 5 to 1 and two deleted
    expect(await ratingOf(productId)).toEqual({ average: 3.7, count: 6 });
  }
});

if (process.env.TEST_DATABASE_URL) {
  it('is that of the latest reviews when two set it at once, the slower one with what it read before', async () => {
    const productId = await makeProduct();
    await review(0, productId, 5);
    await settle();
    const [read, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const slow = processOf(0)
      .get(ProductsService)
      .updateRating(productId, async () => {
        const totals = await processOf(0).get(ReviewsRepository).sumRatings(productId);
        read.resolve(undefined);
        await goOn.promise;
        return totals;
      });
    await read.promise;
    // a customer does not wait for the one that is slow, the handler does
    await review(1, productId, 2);
    await until(async () => (await isWaiting()) || (await countOf(productId)) === 2);
    goOn.resolve(undefined);
    await slow;
    await settle();

    expect(await ratingOf(productId)).toEqual({ average: 3.5, count: 2 });
  });
}
