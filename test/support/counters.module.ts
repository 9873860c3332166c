import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import sql from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { run } from '../../src/common/database/statements.js';
import { Transactions } from '../../src/common/database/transactions.js';
import { defineEvent, type PublishedEvent } from '../../src/common/events/define-event.js';
import { EventsService } from '../../src/common/events/events.service.js';

interface CounterMovedData {
  step: number;
  note?: string;
}

interface CounterClosedData {
  reason: string | null;
}

export const CounterMoved = defineEvent<CounterMovedData>('counter.moved', 1, 'A counter of the tests moved.', {
  step: { type: 'integer' },
  note: { type: 'string', optional: true },
});

export const CounterClosed = defineEvent<CounterClosedData>('counter.closed', 1, 'A counter of the tests was closed.', {
  reason: { type: ['string', 'null'] },
});

/** What a handler of the tests did, as its table has it. */
export interface Effect {
  handler: string;
  eventId: string;
  counter: string;
  version: number;
  position: number;
}

/** Counters, each change of which is announced, and two handlers that write down what they got. */
@Injectable()
export class Counters implements OnModuleInit {
  /** What the handler of all events does in addition, before or after it has written. */
  before: (event: PublishedEvent<CounterMovedData | CounterClosedData>) => Promise<void> | void = () => undefined;
  after: (event: PublishedEvent<CounterMovedData | CounterClosedData>) => Promise<void> | void = () => undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly events: EventsService,
  ) {}

  onModuleInit(): void {
    this.events.handle('everything of counters', [CounterMoved, CounterClosed], async (event) => {
      await this.before(event);
      await this.record('everything', event);
      await this.after(event);
    });
    this.events.handle('closing of counters', [CounterClosed], (event) => this.record('closing', event));
  }

  /** Makes the tables, which no migration has. */
  async createTables(): Promise<void> {
    await this.dataSource.query('CREATE TABLE counters (id uuid PRIMARY KEY, version integer NOT NULL)');
    // without a constraint that would hide what is done twice
    await this.dataSource.query(
      'CREATE TABLE effects (handler text, event_id uuid, counter uuid, version integer, position bigint, done_at serial)',
    );
  }

  /** Adds counters of version 0. */
  async add(...ids: string[]): Promise<void> {
    await run(this.dataSource.manager, sql`INSERT INTO counters SELECT unnest(${ids}::uuid[]), 0`);
  }

  /** Moves a counter, in the open unit of work or one of its own. @returns its version. */
  async move(id: string, step = 1): Promise<number> {
    return this.transactions.run(async () => {
      const version = await this.count(id);
      this.events.publish(CounterMoved, { id, version }, { step });
      return version;
    });
  }

  async close(id: string, reason: string | null = null): Promise<number> {
    return this.transactions.run(async () => {
      const version = await this.count(id);
      this.events.publish(CounterClosed, { id, version }, { reason });
      return version;
    });
  }

  /** The version that a counter has. */
  async version(id: string): Promise<number | undefined> {
    const [row] = await run<{ version: number }>(
      this.dataSource.manager,
      sql`SELECT version FROM counters WHERE id = ${id}`,
    );
    return row?.version;
  }

  /** What the handlers did, in the order in which they did it. */
  async effects(handler = 'everything'): Promise<Effect[]> {
    return run<Effect>(
      this.dataSource.manager,
      sql`SELECT handler, event_id AS "eventId", counter, version, position FROM effects WHERE handler = ${handler} ORDER BY done_at`,
    );
  }

  /** The versions of a counter that a handler saw, in the order in which it did. */
  async seen(id: string, handler = 'everything'): Promise<number[]> {
    return (await this.effects(handler)).filter(({ counter }) => counter === id).map(({ version }) => version);
  }

  private async count(id: string): Promise<number> {
    const [row] = await run<{ version: number }>(
      this.dataSource.manager,
      sql`WITH moved AS (UPDATE counters SET version = version + 1 WHERE id = ${id} RETURNING version) SELECT version FROM moved`,
    );
    if (!row) throw new Error(`there is no counter ${id}`);
    return row.version;
  }

  private async record(handler: string, event: PublishedEvent): Promise<void> {
    const { id, aggregateId, version, position } = event;
    await run(
      this.dataSource.manager,
      sql`INSERT INTO effects (handler, event_id, counter, version, position)
          VALUES (${handler}, ${id}, ${aggregateId}, ${version}, ${position})`,
    );
  }
}

@Module({ providers: [Counters] })
export class CountersModule {}
