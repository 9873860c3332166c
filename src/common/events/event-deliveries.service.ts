import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import type { PageQuery } from '../http/paging/page.dto.js';
import { type Page, Pages } from '../http/paging/pages.js';
import { Clock } from '../time/clock.js';
import { DeliveriesRepository, type Delivery, type DeliveryRow, type DeliveryState } from './deliveries.repository.js';
import { EventRelay } from './event-relay.js';

/** What staff do about events that a handler could not do. */
@Injectable()
export class EventDeliveriesService {
  private readonly logger = new Logger(EventDeliveriesService.name);

  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly relay: EventRelay,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly pages: Pages,
  ) {}

  /** One page of what is failed, dead or waits; of one state, if the query names one. */
  async list(asked: PageQuery & { state?: DeliveryState }): Promise<Page<DeliveryRow>> {
    return this.repository.readPage(this.pages.open(asked));
  }

  /** One of them; undefined when it is done. */
  async find(id: string): Promise<DeliveryRow | undefined> {
    return this.repository.find(id);
  }

  /**
   * Has an event that is failed or dead tried again now; one that was dead gets all of its attempts again.
   * @returns the state it was in; undefined when there is none. One that waits behind another stays as it is.
   */
  async retry(id: string): Promise<DeliveryState | undefined> {
    return this.change(id, async ({ state, attempts, lastError }) => {
      if (state === 'waiting') return;
      await this.repository.update(id, {
        state: 'failed',
        attempts: state === 'dead' ? 0 : attempts,
        nextAttemptAt: this.clock.now(),
        lastError,
      });
    });
  }

  /**
   * Leaves an event out for good, for its handler: the next one of its aggregate has its turn.
   * @returns the state it was in; undefined when there is none.
   */
  async skip(id: string): Promise<DeliveryState | undefined> {
    return this.change(id, async ({ consumer, eventId }) => {
      await this.repository.remove(id);
      this.transactions.afterCommit(() => {
        this.logger.warn({ consumer, skippedEventId: eventId }, 'An event is skipped for a handler.');
      });
    });
  }

  /** Changes a delivery while no process works on it. */
  private async change(id: string, work: (delivery: Delivery) => Promise<void>): Promise<DeliveryState | undefined> {
    return this.transactions.run(async () => {
      await this.repository.lockConsumerOf(id);
      const delivery = await this.repository.lock(id);
      if (!delivery) return undefined;
      await work(delivery);
      this.transactions.afterCommit(() => {
        this.relay.wake();
      });
      return delivery.state;
    });
  }
}
