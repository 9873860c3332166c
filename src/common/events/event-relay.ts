import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Retention } from '../background/retention.js';
import { Config } from '../config/config.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { type Consumer, EventDeliverer } from './event-deliverer.js';
import { OutboxRepository } from './outbox.repository.js';

/**
 * The shortest pause between two looks for what other processes left, or whose time has come, in milliseconds; at most half of it
 * is added, so that processes that were started together do not look together. What this process announces it does at once.
 */
const INTERVAL = 2000;

/**
 * Gives announced events their positions, and then to their handlers, in the background of every process. What several processes
 * do at once is divided by locks that they skip: one gives positions, and each handler runs in one.
 */
@Injectable()
export class EventRelay implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventRelay.name);
  /** Outside of the request and the unit of work of the one who wakes it. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly registered = new Map<string, Consumer>();
  /** For each handler the position up to which there is nothing for it. */
  private readonly nothingUpTo = new Map<string, number>();
  private timer?: NodeJS.Timeout;
  private working?: Promise<void>;
  private woken = false;
  private state: 'new' | 'started' | 'stopped' = 'new';
  private failing = false;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly deliverer: EventDeliverer,
    private readonly retention: Retention,
    private readonly config: Config,
  ) {}

  /** The handlers of this process. */
  get consumers(): readonly Consumer[] {
    return [...this.registered.values()];
  }

  /** @throws Error when the name is taken, or the application has started. */
  register(consumer: Consumer): void {
    if (this.state !== 'new') throw new Error(`register the handler of ${consumer.name} in onModuleInit`);
    if (this.registered.has(consumer.name)) throw new Error(`two handlers are called ${consumer.name}`);
    this.registered.set(consumer.name, consumer);
  }

  onModuleInit(): void {
    this.retention.register({
      name: 'events',
      deleteBatch: async (limit) => {
        if (this.registered.size > 0) await this.deliveries.advanceIdle(this.consumers);
        return this.outbox.deleteOld(limit);
      },
    });
    this.retention.register({
      name: 'event handlers',
      deleteBatch: (limit) => this.deliveries.deleteUnused(this.consumers, limit),
    });
  }

  /**
   * Gives new handlers their place in the feed, before the process listens: they get what is announced from now on. What waits in the
   * feed is handled while requests are answered.
   * @throws Error when the places cannot be written: the process must not begin.
   */
  async onApplicationBootstrap(): Promise<void> {
    if (this.state !== 'new') return;
    await this.deliveries.register(this.consumers);
    if (!this.config.backgroundWork) return;
    this.state = 'started';
    this.schedule();
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Looks for what there is to do, now. */
  wake(): void {
    if (this.state !== 'started') return;
    this.woken = true;
    this.working ??= this.outside(() => this.work()).finally(() => {
      this.working = undefined;
      // what it was woken for meanwhile may have come after its last look
      if (this.woken) this.wake();
    });
  }

  /** Whether it does nothing now. */
  get isIdle(): boolean {
    return this.working === undefined;
  }

  /** Resolves when there is nothing left to do for it now. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Stops after the present unit of work; does nothing any more from then on. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.timer);
    await this.working;
  }

  private goesOn(): boolean {
    return this.state === 'started';
  }

  private schedule(): void {
    this.timer = setTimeout(
      () => {
        this.wake();
        this.schedule();
      },
      INTERVAL * (1 + Math.random() / 2),
    ).unref();
  }

  private async work(): Promise<void> {
    this.woken = false;
    try {
      while (this.goesOn() && (await this.workOnce()));
      if (this.failing) this.logger.log('Events are published and handled again.');
      this.failing = false;
    } catch (error) {
      // with a database that is away it fails again and again: once is enough
      if (!this.failing)
        this.logger.warn({ err: error }, 'Events could not be published or handled; this is tried again.');
      this.failing = true;
    }
  }

  /** @returns whether anything was done; not when other processes have all that there is. */
  private async workOnce(): Promise<boolean> {
    this.woken = false;
    const { isUnpublished, behind, due, end } = await this.deliveries.findPending(
      this.consumers.map(({ name, events }) => ({ name, events, nothingUpTo: this.nothingUpTo.get(name) })),
    );
    for (const { name } of this.consumers) if (!behind.includes(name)) this.nothingUpTo.set(name, end);
    let done = isUnpublished && (await this.outbox.publishNext()) > 0;
    const failures: unknown[] = [];
    for (const consumer of this.consumers) {
      if (!this.goesOn()) break;
      try {
        if (due.includes(consumer.name)) done = (await this.deliverer.retryNext(consumer)) || done;
        if (behind.includes(consumer.name)) done = (await this.deliverer.deliverNext(consumer)) || done;
      } catch (error) {
        failures.push(error);
      }
    }
    // one that can't go on holds no other up
    if (failures.length > 0) throw new AggregateError(failures, 'handlers could not go on', { cause: failures[0] });
    return done;
  }
}
