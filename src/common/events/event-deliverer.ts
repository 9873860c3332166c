import { Injectable, Logger } from '@nestjs/common';
import { runInRequest } from '../context/request-context.js';
import { isContention, isDatabaseAway } from '../database/failures.js';
import { Transactions } from '../database/transactions.js';
import { messageOf } from '../logging/error-serializer.js';
import { SECRET_PATTERNS } from '../logging/redaction.js';
import { Clock } from '../time/clock.js';
import type { PublishedEvent } from './define-event.js';
import { type Attempt, type ConsumerNames, DeliveriesRepository } from './deliveries.repository.js';
import type { FeedEvent } from './outbox.repository.js';

/** How many events one unit of work handles at most; it ends after the first that has locked something. */
const BATCH = 20;
/** After how many seconds an event that failed so often is tried again: 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h. Then it is dead. */
const PAUSES = [5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600];
/** How much of an error's message is kept, in characters. */
const MAX_ERROR = 500;

/** Who handles events: {@link EventsService.handle}. */
export interface Consumer extends ConsumerNames {
  readonly fromBeginning: boolean;
  readonly handle: (event: PublishedEvent) => Promise<void>;
}

/** An event that a handler did not do: `cause` is why it failed; undefined when it waits behind another one. */
interface Undone {
  event: FeedEvent;
  cause?: unknown;
}

/**
 * Gives events to handlers. One unit of work has the effects of a handler and says that they are done, so that both are there or
 * neither is; one process at a time has a handler, by the lock of its row.
 */
@Injectable()
export class EventDeliverer {
  private readonly logger = new Logger(EventDeliverer.name);

  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Handles the next events of a handler. What fails is kept, and what comes later of the same aggregate is kept behind it.
   * @returns whether anything was done: not when another process has the handler, or nothing is left.
   */
  async deliverNext(consumer: Consumer): Promise<boolean> {
    try {
      return await this.deliverBatch(consumer, BATCH);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      // a failure that no savepoint undoes, such as one at the commit: which event has caused it shows when each is alone
      this.logger.debug({ err: error, consumer: consumer.name }, 'Events are handled one at a time.');
    }
    const begun: FeedEvent[] = [];
    try {
      return await this.deliverBatch(consumer, 1, (event) => begun.push(event));
    } catch (cause) {
      const event = begun.at(-1);
      // while the database is away, an event is not tried
      if (!event || isDatabaseAway(cause)) throw cause;
      return this.keepFailed(consumer, event, cause);
    }
  }

  /** Tries the one event of a handler whose time has come again. @returns whether there was one. */
  async retryNext(consumer: Consumer): Promise<boolean> {
    let begun: string | undefined;
    try {
      return await this.transactions.run(async () => {
        if ((await this.repository.lockConsumer(consumer.name)) === undefined) return false;
        const due = await this.repository.findDue(consumer);
        if (!due) return false;
        const { deliveryId, attempts, ...event } = due;
        begun = deliveryId;
        const undone = await this.attempt(consumer, event);
        if (undone) await this.repository.update(deliveryId, this.failedAttempt(consumer, undone, attempts + 1));
        else await this.repository.remove(deliveryId);
        return true;
      });
    } catch (cause) {
      if (begun === undefined || isDatabaseAway(cause)) throw cause;
      return this.keepFailedAgain(consumer, begun, cause);
    }
  }

  private async deliverBatch(
    consumer: Consumer,
    limit: number,
    onBegin?: (event: FeedEvent) => void,
  ): Promise<boolean> {
    return this.transactions.run(async () => {
      const position = await this.repository.lockConsumer(consumer.name);
      if (position === undefined) return false;
      const undone: Undone[] = [];
      let last = position;
      for (const { isBlocked, ...event } of await this.repository.readNext(consumer, position, limit)) {
        if (isBlocked || undone.some((earlier) => isOfSameAggregate(earlier.event, event))) undone.push({ event });
        else {
          onBegin?.(event);
          const failed = await this.attempt(consumer, event);
          if (failed) undone.push(failed);
        }
        last = event.position;
        // what it has locked waits for the commit; with that of the next event, it would be locked in no order
        if (this.transactions.hasLocked) break;
      }
      if (last === position) return false;
      await this.keep(consumer, undone);
      await this.repository.moveConsumer(consumer.name, last);
      return true;
    });
  }

  /** Runs the handler in a unit of its own, for the request that caused the event. @returns what is not done. */
  private async attempt(consumer: Consumer, event: FeedEvent): Promise<Undone | undefined> {
    const { context, ...published } = event;
    const { requestId, traceId, callerId } = context;
    const request = {
      ...(requestId !== undefined && { requestId }),
      ...(traceId !== undefined && { trace_id: traceId }),
      ...(callerId !== undefined && { callerId }),
      eventId: event.id,
    };
    try {
      await this.transactions.run(() => runInRequest(request, () => consumer.handle(published)));
      return undefined;
    } catch (cause) {
      // the outermost unit is done again, at once or once the database is there again
      if (isContention(cause) || isDatabaseAway(cause)) throw cause;
      return { event, cause };
    }
  }

  /** Keeps an event that failed where its own unit of work could not say so. */
  private async keepFailed(consumer: Consumer, event: FeedEvent, cause: unknown): Promise<boolean> {
    return this.transactions.run(async () => {
      const position = await this.repository.lockConsumer(consumer.name);
      if (position === undefined) return false;
      const [next] = await this.repository.readNext(consumer, position, 1);
      // another process may have done it meanwhile
      if (next?.id !== event.id) return false;
      await this.keep(consumer, [{ event, cause }]);
      await this.repository.moveConsumer(consumer.name, next.position);
      return true;
    });
  }

  private async keepFailedAgain(consumer: Consumer, deliveryId: string, cause: unknown): Promise<boolean> {
    return this.transactions.run(async () => {
      if ((await this.repository.lockConsumer(consumer.name)) === undefined) return false;
      const due = await this.repository.findDue(consumer);
      if (due?.deliveryId !== deliveryId) return false;
      const { attempts, ...event } = due;
      await this.repository.update(deliveryId, this.failedAttempt(consumer, { event, cause }, attempts + 1));
      return true;
    });
  }

  private async keep(consumer: Consumer, undone: readonly Undone[]): Promise<void> {
    await this.repository.insert(
      consumer.name,
      undone.map((one) => ({
        event: one.event,
        attempt: one.cause === undefined ? WAITING : this.failedAttempt(consumer, one, 1),
      })),
    );
  }

  /** What is to become of an event that failed for the n-th time. */
  private failedAttempt(consumer: Consumer, { event, cause }: Undone, attempts: number): Attempt {
    const pause = PAUSES[attempts - 1];
    this.transactions.afterCommit(() => {
      const line = { err: cause, consumer: consumer.name, eventId: event.id, event: event.name, attempts };
      if (pause === undefined) this.logger.error(line, 'An event failed too often: retry or skip it.');
      else this.logger.warn(line, `An event failed; it is tried again in ${String(pause)} s.`);
    });
    return {
      state: pause === undefined ? 'dead' : 'failed',
      attempts,
      nextAttemptAt: pause === undefined ? null : this.clock.in(pause),
      lastError: textOf(cause),
    };
  }
}

const WAITING: Attempt = { state: 'waiting', attempts: 0, nextAttemptAt: null, lastError: null };

const isOfSameAggregate = (one: FeedEvent, other: FeedEvent): boolean =>
  one.aggregateType === other.aggregateType && one.aggregateId === other.aggregateId;

/** What is kept of why something failed: what a text of PostgreSQL can hold. */
const textOf = (cause: unknown): string =>
  (cause instanceof Error ? messageOf(cause) : String(cause))
    .replace(SECRET_PATTERNS, '[redacted]')
    .replaceAll('\0', ' ')
    .slice(0, MAX_ERROR)
    .toWellFormed();
