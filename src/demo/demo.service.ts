import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { RegistrationService } from '../auth/registration.service.js';
import { StartError } from '../common/config/start-error.js';
import { Transactions } from '../common/database/transactions.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import type { Role } from '../common/security/roles.js';
import { ProductImporter } from '../imports/importer.service.js';
import { ProductsService } from '../products/products.service.js';
import { ReviewsService } from '../reviews/reviews.service.js';
import { UsersService } from '../users/users.service.js';
import { CATALOGUE } from './catalogue.js';
import { DemoOrdersService, readDemoOrders } from './demo.orders.service.js';
import { DrawPictures } from './demo.jobs.js';
import { REVIEWERS, REVIEWS } from './reviews.js';

/** What every demo account signs in with. */
export const DEMO_PASSWORD = 'open sesame, little shop';

const STAFF = 'staff@stockroom.example';
const CUSTOMER = 'customer@stockroom.example';

/** Somebody of each role to sign in as. */
export const DEMO_ACCOUNTS: readonly { email: string; name: string; roles: Role[] }[] = [
  { email: 'admin@stockroom.example', name: 'Ada Admin', roles: ['admin'] },
  { email: STAFF, name: 'Stan Staff', roles: ['staff'] },
  { email: CUSTOMER, name: 'Cleo Customer', roles: ['customer'] },
];

/** The demo shop: accounts of every role, a real shop's catalogue and orders, and invented reviews (docs/demo-catalogue.md). Never in production. */
@Injectable()
export class DemoService {
  constructor(
    private readonly users: UsersService,
    private readonly registration: RegistrationService,
    private readonly importer: ProductImporter,
    private readonly products: ProductsService,
    private readonly reviews: ReviewsService,
    private readonly orders: DemoOrdersService,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
  ) {}

  /** Whether there is nobody yet: the demo is made for an empty database alone. */
  async isWanted(): Promise<boolean> {
    return (await this.users.count()) === 0;
  }

  /** How many products the catalogue has: a line each, below its header. */
  async countProducts(): Promise<number> {
    let lines = 0;
    for await (const chunk of createReadStream(CATALOGUE, 'utf8')) lines += String(chunk).split('\n').length - 1;
    return lines - 1;
  }

  /**
   * Creates the catalogue, and then the accounts and their reviews at once: a start that was interrupted is repeated. The orders come last, since
   * the payment provider is called for each: a start that is interrupted then leaves fewer of them. The pictures are drawn by a job, once
   * the application has started.
   * @param onProgress gets the number of products so far.
   */
  async open(onProgress: (products: number) => void): Promise<void> {
    await this.importer.importStream(createReadStream(CATALOGUE), 'csv', onProgress);
    const numbers = [...new Set((await readDemoOrders()).map(({ customer }) => customer))];
    const ids = await this.transactions.run(async () => {
      const users = [
        ...(await inOrder(DEMO_ACCOUNTS, (account) =>
          this.registration.openVerified({ ...account, password: DEMO_PASSWORD }),
        )),
        ...(await inOrder([...REVIEWERS, ...numbers.filter((number) => number !== 1).map(buyerOf)], (customer) =>
          this.users.create({ ...customer, roles: ['customer'], passwordHash: null, verified: true }),
        )),
      ];
      const byEmail = new Map(users.map(({ email, id }) => [email, id]));
      await this.writeReviews(byEmail);
      await this.jobs.enqueue(DrawPictures, null);
      return byEmail;
    });
    const customers = numbers.map((number) => ({ number, id: ids.get(emailOfBuyer(number)) ?? '' }));
    await this.orders.open(customers, ids.get(STAFF) ?? '');
  }

  /** @param users the ids of the authors, by e-mail. */
  private async writeReviews(users: ReadonlyMap<string, string>): Promise<void> {
    const products = await this.products.idsOf(REVIEWS.map(({ sku }) => sku));
    await inOrder(REVIEWS, async ({ sku, author, ...review }) => {
      const [productId, userId] = [products.get(sku), users.get(author)];
      if (productId === undefined || userId === undefined)
        throw new StartError(`The demo shop has no ${productId === undefined ? sku : author} to write a review with.`);
      return this.reviews.create({ productId, ...review }, { userId, permissions: new Set() });
    });
  }
}

/** The customers of the orders; the first one is the demo customer, who can sign in. */
const emailOfBuyer = (number: number): string =>
  number === 1 ? CUSTOMER : `customer-${String(number)}@stockroom.example`;
const buyerOf = (number: number): { email: string; name: string } => ({
  email: emailOfBuyer(number),
  name: `Customer ${String(number)}`,
});

/** One after the other: all in one transaction. */
async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
