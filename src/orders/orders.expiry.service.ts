import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isDatabaseAway } from '../common/database/failures.js';
import { Transactions } from '../common/database/transactions.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { ExpireOrders } from './orders.jobs.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersTransitionsService } from './orders.transitions.service.js';

/** How often orders are looked for that are due, in seconds. */
const EVERY_SECONDS = 30;
/** How many orders one job expires at most: the rest is for the next one, which another process may do. */
const BATCH = 500;

/** Whether an order is kept from expiring. */
type Keeper = (orderId: string) => Promise<boolean>;

/** Expires orders that were not paid in time. Several processes share the work: each takes orders that no other one has locked. */
@Injectable()
export class OrdersExpiryService implements OnModuleInit {
  private readonly logger = new Logger(OrdersExpiryService.name);
  private readonly keepers: Keeper[] = [];

  constructor(
    private readonly orders: OrdersRepository,
    private readonly transitions: OrdersTransitionsService,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(ExpireOrders, () => this.expireBatch());
    this.jobs.schedule('expire orders', { everySeconds: EVERY_SECONDS, job: ExpireOrders });
  }

  /** Keeps orders from expiring for as long as `isKept` says so; it is asked under the lock of the order. Call it in `onModuleInit`. */
  keepWhile(isKept: Keeper): void {
    this.keepers.push(isKept);
  }

  /** Expires the orders that are due, up to {@link BATCH}; when more are, a further job goes on. */
  async expireBatch(): Promise<void> {
    const left: string[] = [];
    for (let expired = 0; expired < BATCH;) {
      const isExpired = await this.expireNext(left);
      if (isExpired === undefined) return;
      if (isExpired) expired++;
    }
    await this.jobs.enqueue(ExpireOrders, null, { key: 'more orders to expire' });
  }

  /**
   * Each order in a unit of its own: one that fails keeps no other one from it, and products are locked for one round trip.
   * @param left orders that stay as they are, which this adds to.
   * @returns whether the next one has expired; undefined when there is none.
   */
  private async expireNext(left: string[]): Promise<boolean | undefined> {
    let orderId: string | undefined;
    try {
      return await this.transactions.run(async () => {
        const order = await this.orders.lockDue(this.clock.now(), left);
        orderId = order?.id;
        if (!order) return undefined;
        if (await this.isKept(order.id)) {
          left.push(order.id);
          return false;
        }
        await this.transitions.apply(order, 'expire', { actorId: null });
        return true;
      });
    } catch (error) {
      if (orderId === undefined || isDatabaseAway(error)) throw error;
      this.logger.error({ err: error, orderId }, 'An order could not be expired; this is tried again.');
      left.push(orderId);
      return false;
    }
  }

  private async isKept(orderId: string): Promise<boolean> {
    for (const isKept of this.keepers) if (await isKept(orderId)) return true;
    return false;
  }
}
