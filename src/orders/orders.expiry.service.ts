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

/** Expires orders that were not paid in time. Several processes share the work: each takes orders that no other one has locked. */
@Injectable()
export class OrdersExpiryService implements OnModuleInit {
  private readonly logger = new Logger(OrdersExpiryService.name);

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

  /** Expires the orders that are due, up to {@link BATCH}; when more are, a further job goes on. */
  async expireBatch(): Promise<void> {
    const failed: string[] = [];
    for (let expired = 0; expired < BATCH; expired++) if (!(await this.expireNext(failed))) return;
    await this.jobs.enqueue(ExpireOrders, null, { key: 'more orders to expire' });
  }

  /** Each order in a unit of its own: one that fails keeps no other one from it, and products are locked for one round trip. */
  private async expireNext(failed: string[]): Promise<boolean> {
    let orderId: string | undefined;
    try {
      return await this.transactions.run(async () => {
        const order = await this.orders.lockDue(this.clock.now(), failed);
        orderId = order?.id;
        if (order) await this.transitions.apply(order, 'expire', { actorId: null });
        return order !== undefined;
      });
    } catch (error) {
      if (orderId === undefined || isDatabaseAway(error)) throw error;
      this.logger.error({ err: error, orderId }, 'An order could not be expired; this is tried again.');
      failed.push(orderId);
      return true;
    }
  }
}
