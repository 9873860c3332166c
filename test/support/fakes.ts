import { AsyncLocalStorage } from 'node:async_hooks';
import { QueryFailedError } from 'typeorm';
import type { Transactions } from '../../src/common/database/transactions.js';
import { AppError } from '../../src/common/errors/app-error.js';
import type { DataOf, EventType, PublishedEvent } from '../../src/common/events/define-event.js';
import type { AggregateVersion, Announcement, EventsService } from '../../src/common/events/events.service.js';
import type { Caller } from '../../src/common/security/caller.js';
import { permissionsOf } from '../../src/common/security/permissions.js';
import type { Role } from '../../src/common/security/roles.js';
import { Clock } from '../../src/common/time/clock.js';

/**
 * An instance of a class, as far as its users see, with these members and no others.
 * @throws Error when a member that is not given is used: what a test does not expect to happen fails it.
 */
export function standInFor<T extends object>(
  type: (abstract new (...args: never[]) => T) & { readonly prototype: T },
  members: Partial<Pick<T, keyof T>>,
): T {
  const standIn: object = new Proxy(members, {
    getPrototypeOf: () => type.prototype,
    get: (target, name): unknown => {
      if (name in target) return Reflect.get(target, name);
      // asked of every value that is awaited or printed
      if (typeof name === 'symbol' || name === 'then') return undefined;
      throw new Error(`${type.name}.${name} is used, which the test does not expect`);
    },
  });
  if (standIn instanceof type) return standIn;
  throw new Error(`this does not stand in for ${type.name}`);
}

/** Units of work without a database: what waits for a commit is done after success, and never after a failure. */
export class FakeTransactions implements Pick<Transactions, 'run' | 'afterCommit' | 'requireOpen'> {
  /** What is to follow the unit that is open around the caller. */
  private readonly open = new AsyncLocalStorage<(() => void)[]>();

  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const actions: (() => void)[] = [];
    const result = await this.open.run(actions, work);
    for (const action of actions) this.afterCommit(action);
    return result;
  }

  afterCommit(action: () => void): void {
    const actions = this.open.getStore();
    if (actions) actions.push(action);
    else action();
  }

  requireOpen(what: string): void {
    if (!this.open.getStore()) throw new Error(`${what} outside of a unit of work`);
  }
}

/** An event as a test compares it. */
interface Published {
  name: string;
  id: string;
  version: number;
  data: object;
}

/** Keeps the events that were committed, and hands events to handlers when a test says so. */
export class FakeEvents implements Pick<EventsService, 'publish' | 'publishAll' | 'handle'> {
  /** What others learn of, in order: nothing of a unit that failed. */
  readonly published: Published[] = [];
  private readonly handlers: ((event: PublishedEvent) => Promise<void>)[] = [];

  constructor(private readonly transactions: FakeTransactions) {}

  publish<Data extends object>(type: EventType<Data>, { id, version }: AggregateVersion, data: NoInfer<Data>): void {
    this.publishAll(type, [{ id, version, data }]);
  }

  publishAll<Data extends object>(type: EventType<Data>, announcements: readonly Announcement<NoInfer<Data>>[]): void {
    this.transactions.requireOpen(`${type.name} is announced`);
    const events = announcements.map(({ id, version, data }) => ({
      name: type.name,
      id,
      version,
      data: type.pick(data),
    }));
    this.transactions.afterCommit(() => {
      this.published.push(...events);
    });
  }

  handle<T extends EventType>(
    _name: string,
    types: readonly T[],
    handler: (event: PublishedEvent<DataOf<T>>) => Promise<void>,
  ): void {
    const isHandled = (event: PublishedEvent): event is PublishedEvent<DataOf<T>> =>
      types.some((type) => type.name === event.name);
    this.handlers.push(async (event) => {
      if (isHandled(event)) await handler(event);
    });
  }

  /** Has every handler of this kind of event handle one. */
  async deliver<Data extends object>(
    type: EventType<Data>,
    { id, version, data }: Announcement<NoInfer<Data>>,
  ): Promise<void> {
    const event: PublishedEvent = {
      id: '0198f3c2-7d0e-7a51-9b1e-000000000000',
      position: 1,
      name: type.name,
      schemaVersion: type.version,
      aggregateType: type.aggregateType,
      aggregateId: id,
      version,
      data,
      occurredAt: new Date(0),
    };
    for (const handle of this.handlers) await handle(event);
  }
}

/** A clock that stands still until a test sets its time. */
export class TestClock extends Clock {
  time = new Date('2026-11-26T12:00:00.000Z');

  override now(): Date {
    return this.time;
  }
}

/** Somebody who is signed in with these roles, and may do what they grant. */
export const callerOf = (userId: string, ...roles: Role[]): Caller => ({
  userId,
  sessionId: `session of ${userId}`,
  roles,
  permissions: permissionsOf(roles),
});

/** What the database throws when a constraint refuses a statement. */
export const violationOf = (constraint: string): Error =>
  new QueryFailedError('', [], Object.assign(new Error('refused'), { constraint }));

/** A row after an UPDATE, as the trigger `count_version` leaves it: in the next version if it changed, or else in the same. */
export function updateRow<R extends { version: number }>(row: R, change: NoInfer<Partial<R>>): R {
  const given = Object.entries<unknown>(change).filter(([, value]) => value !== undefined);
  const updated = { ...row, ...Object.fromEntries(given) };
  return JSON.stringify(updated) === JSON.stringify(row) ? row : { ...updated, version: row.version + 1 };
}

/** The error that a service refuses something with. @throws what else was thrown, or an Error when nothing was. */
export async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw error;
}
