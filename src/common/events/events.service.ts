import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { requestContext } from '../context/request-context.js';
import { Transactions } from '../database/transactions.js';
import { Clock } from '../time/clock.js';
import type { DataOf, EventType, PublishedEvent } from './define-event.js';
import { EventRelay } from './event-relay.js';
import { OutboxRepository } from './outbox.repository.js';

/** A version of a resource, as it is once the open transaction commits. */
export interface AggregateVersion {
  id: string;
  version: number;
}

/** One of the events that are announced together. */
export interface Announcement<Data extends object> extends AggregateVersion {
  data: Data;
}

/** How features announce what has happened, and learn of it. */
@Injectable()
export class EventsService {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly relay: EventRelay,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Announces an event in the open unit of work. It is written when that commits, with its cause; nobody learns of it when that is
   * rolled back.
   * @param aggregate the version that the row has got, under its lock: one version is announced once.
   * @param data what the schema names is kept of it.
   * @throws Error outside of a unit of work.
   */
  publish<Data extends object>(type: EventType<Data>, { id, version }: AggregateVersion, data: NoInfer<Data>): void {
    this.publishAll(type, [{ id, version, data }]);
  }

  /**
   * Announces many events of one kind as {@link publish} does one, in the order given. None is fine.
   * @throws Error outside of a unit of work.
   */
  publishAll<Data extends object>(type: EventType<Data>, announcements: readonly Announcement<NoInfer<Data>>[]): void {
    this.transactions.requireOpen(`${type.name} is announced`);
    if (announcements.length === 0) return;
    const { requestId, trace_id: traceId, callerId } = requestContext();
    const { name, version: schemaVersion, aggregateType } = type;
    const origin = { name, schemaVersion, aggregateType, context: { requestId, traceId, callerId } };
    const occurredAt = this.clock.now();
    this.outbox.insert(
      announcements.map(({ id, version, data }) => ({
        ...{ id: uuidv7(), aggregateId: id, version, data: type.pick(data), occurredAt },
        ...origin,
      })),
    );
    this.transactions.afterCommit(() => {
      this.relay.wake();
    });
  }

  /**
   * Has `handler` do something for each event of some kinds, in the order of the feed; call it in `onModuleInit`. The handler runs
   * in a unit of work that also says that it is done: what it writes to the database is there exactly once. So it calls no other
   * system, which a rollback would not undo and which would hold locks meanwhile: it enqueues a job that does.
   *
   * An event that fails is tried again after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h and 24 h. Later events of the same aggregate wait
   * behind it, others go on. After that it is dead, and those behind it wait until staff retry or skip it.
   * @param name of the handler, unique: its place in the feed is kept by it. A handler of a new name begins at the present end.
   * @param options `from: 'beginning'` has a new handler begin with the oldest event that is kept.
   */
  handle<T extends EventType>(
    name: string,
    types: readonly T[],
    handler: (event: PublishedEvent<DataOf<T>>) => Promise<void>,
    options: { from?: 'beginning' } = {},
  ): void {
    const events = types.map((type) => type.name);
    const isHandled = (event: PublishedEvent): event is PublishedEvent<DataOf<T>> => events.includes(event.name);
    this.relay.register({
      name,
      events,
      fromBeginning: options.from === 'beginning',
      handle: async (event) => {
        if (isHandled(event)) await handler(event);
      },
    });
  }
}
