import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, Optional } from '@nestjs/common';
import type { QueryResult } from 'pg';
import type { Sql } from 'sql-template-tag';
import {
  DataSource,
  EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type QueryDeepPartialEntity,
  QueryFailedError,
  type QueryRunner,
  TypeORMError,
  type UpdateOptions,
  UpdateResult,
} from 'typeorm';
import { Config } from '../config/config.js';
import { DatabaseClient, UnitEnded, UnitStalled } from './client.js';
import { databaseFailure, isContention, OutcomeUnknown } from './failures.js';
import { LastRows, type LastStatement } from './last-rows.js';

/** How often a unit of work is done in all when transactions are in each other's way. */
const ATTEMPTS = 4;
/** The longest pause before the second attempt, in milliseconds; twice as long before each further one. */
const PAUSE = 20;

/**
 * How many times in a row a unit of work is seen to ask nothing before it is taken to hang. Looks are counted, not time: a busy process
 * does not take its own delay for that of the unit.
 */
const LOOKS = 5;

/** A unit of work that is open: the outermost one is a transaction, one inside of another is a savepoint. */
interface Unit {
  runner: QueryRunner;
  /** What it is a savepoint of. */
  outer?: Unit;
  /** `done`: it has succeeded, and begins no statement any more; `undone`: it has failed, and so does what is left of it. */
  state: 'open' | 'done' | 'undone';
  afterCommit: (() => void)[];
  /** What is written when it commits. */
  last: LastRows;
  /** Settles when the last unit begun inside of it has ended: savepoints can't overlap. */
  inner?: Promise<unknown>;
  /** The rank of the last thing that it locked in the order of `locks.ts`; -1: none. */
  lastLock: number;
  /** The ranks of locks that there is one of, which the transaction holds: to ask for one again waits for nobody. */
  held: Set<number>;
  /** Says that it locked against that order. */
  onDisorder: (message: string) => void;
}

const open = new AsyncLocalStorage<Unit>();

/**
 * The unit that is open around the caller. Timers and promises keep the context that they were started in: what a unit started
 * and did not await is in the next outer unit once it is done, or in none.
 * @throws UnitEnded in what is left of a unit that was undone, which must not write any more.
 */
function openUnit(): Unit | undefined {
  let unit = open.getStore();
  for (let around = unit; around; around = around.outer) if (around.state === 'undone') throw new UnitEnded();
  while (unit?.state === 'done') unit = unit.outer;
  return unit;
}

/** A root entity manager whose repositories join the transaction that is open around the caller, if one is. */
class TransactionalEntityManager extends EntityManager {
  constructor(dataSource: DataSource) {
    super(dataSource);
    Object.defineProperty(this, 'queryRunner', { get: () => openUnit()?.runner });
  }

  /**
   * Writes nothing where there is nothing to write, which TypeORM refuses: `PATCH {}` is no change.
   */
  override async update<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
    criteria: unknown,
    change: QueryDeepPartialEntity<Entity>,
    options?: UpdateOptions,
  ): Promise<UpdateResult> {
    if (Object.values(change).some((value) => value !== undefined)) {
      return super.update(target, criteria, change, options);
    }
    return Object.assign(new UpdateResult(), { affected: 0, raw: [], generatedMaps: [] });
  }
}

/** A data source whose injected repositories (`@InjectRepository`) take part in {@link Transactions} by themselves. */
export class StockroomDataSource extends DataSource {
  override createEntityManager(queryRunner?: QueryRunner): EntityManager {
    return queryRunner ? super.createEntityManager(queryRunner) : new TransactionalEntityManager(this);
  }
}

/** The transaction was rolled back when it should have been committed: a statement had failed, and its error was ignored. */
export class RolledBack extends Error {
  constructor() {
    super('the transaction was rolled back instead of committed: the error of one of its statements was ignored');
  }
}

/**
 * Does `work` outside of the unit of work that is open around the caller: for what outlives it, such as a timer or work that
 * nobody waits for.
 */
export const outsideTransaction = <T>(work: () => T): T => open.exit(work);

/**
 * Refuses to call another system (mail, payments, object stores, webhooks) inside of a unit of work: a rollback does not take the
 * call back, a retry repeats it, and the rows that the unit has locked wait for its answer.
 * @param system what would be called, for the message.
 * @throws Error when a unit is open around the caller.
 */
export function assertOutsideUnit(system: string): void {
  for (let unit = open.getStore(); unit; unit = unit.outer) {
    if (unit.state !== 'open') continue;
    throw new Error(
      `${system} is called inside of a unit of work: enqueue a job in the unit, or call it after the unit (Transactions.afterCommit)`,
    );
  }
}

/** A unit of work locked rows against the order of `locks.ts`: it and another one could wait for each other. */
export class LockOrderViolated extends Error {}

/** Notes that the open unit locks something of this rank, of which there is one or many; `describe` gets the rank that it locked before, which is higher. */
export function noteLock(rank: number, isSingle: boolean, describe: (before: number) => string): void {
  const unit = openUnit();
  if (!unit || unit.held.has(rank)) return;
  if (isSingle) unit.held.add(rank);
  if (rank < unit.lastLock) unit.onDisorder(describe(unit.lastLock));
  else unit.lastLock = rank;
}

/** Units of work: what a service method does inside `run` commits together or not at all. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);

  /**
   * After how many milliseconds without a statement a unit of work is taken to hang. Less than the server's limit: why it failed is
   * known then, and the embedded engine has none.
   */
  idleLimit = 25_000;

  /** The violations of the order of locks that were logged. */
  private readonly disorders = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    @Optional() private readonly config?: Config,
  ) {}

  /**
   * Runs `work` in a transaction that commits when `work` is done and rolls back when it throws. Inside of another unit it is a
   * savepoint: when it throws, only what it did is undone, and the outer unit may go on.
   *
   * When transactions are in each other's way (deadlock, serialization), the outermost unit is done again, a few times: `work`
   * must not change anything but the database.
   *
   * A unit waits for the units that were begun inside of it. Other work that it started and did not await is in no transaction
   * after the commit, and its statements fail after a rollback.
   * @throws OutcomeUnknown if the connection breaks while the transaction commits.
   * @throws RolledBack if a statement failed and `work` ignored that without a unit of its own around it.
   * @throws UnitStalled if `work` asked the database nothing for {@link idleLimit}: its connection and its locks are free again.
   */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const outer = openUnit();
    if (outer) return this.runInside(outer, work);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.runOnce(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isContention(error)) throw error;
      }
      await delay(Math.random() * PAUSE * 2 ** (attempt - 1));
    }
  }

  /**
   * Refuses what only makes sense together with something else.
   * @param what is done: `product.updated is announced`.
   * @throws Error when no unit of work is open around the caller.
   */
  requireOpen(what: string): void {
    if (!openUnit()) {
      throw new Error(`${what} outside of a unit of work: put it and its cause into transactions.run(…)`);
    }
  }

  /** Whether the open unit of work has declared a lock: what it has locked stays locked until it ends. */
  get hasLocked(): boolean {
    return (openUnit()?.lastLock ?? -1) >= 0;
  }

  /** Does `action` once the open transaction has committed (at once when none is open); never after a rollback. */
  afterCommit(action: () => void): void {
    const unit = openUnit();
    if (unit) unit.afterCommit.push(action);
    else action();
  }

  /**
   * Leaves rows for the end of the open unit of work: those of all calls are written by one statement, which travels with COMMIT.
   * For rows that nothing in the unit reads, and of which the database refuses none that a client could hear of: until then they
   * are not there, and a refusal fails the unit as a whole.
   * @param statement the same function for all rows of a kind.
   * @param rows none for a statement that has its rows by itself.
   * @throws Error when no unit of work is open around the caller.
   */
  writeLast<Row>(statement: LastStatement<Row>, rows: readonly Row[] = []): void {
    const unit = openUnit();
    if (!unit) throw new Error('rows are left for the end of a unit of work, and none is open');
    unit.last.add(statement, rows);
  }

  /** Whether a unit of work is open around the caller. */
  get isOpen(): boolean {
    return openUnit() !== undefined;
  }

  private async runOnce<T>(work: () => T | Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const onDisorder = (message: string): void => {
      this.reportDisorder(message);
    };
    const last = new LastRows();
    const unit: Unit = { runner, state: 'open', afterCommit: [], last, lastLock: -1, held: new Set(), onDisorder };
    let client: DatabaseClient | undefined;
    let watch: NodeJS.Timeout | undefined;
    let result: T;
    try {
      client = await clientOf(runner);
      await runner.startTransaction();
      const stalled = Promise.withResolvers<never>();
      watch = this.watch(client, stalled.reject);
      result = await Promise.race([stalled.promise, this.workIn(unit, work)]);
      const statements = open.run(unit, () => last.statements);
      unit.state = 'done';
      await this.commit(client, statements);
    } catch (error) {
      unit.state = 'undone';
      // one that hangs may never end
      if (!(error instanceof UnitStalled)) await endInner(unit);
      if (client) await this.rollBack(client);
      throw withCause(error, client);
    } finally {
      clearInterval(watch);
      client?.acceptStatements();
      await runner.release();
    }
    for (const action of unit.afterCommit) this.attempt(action);
    return result;
  }

  private async workIn<T>(unit: Unit, work: () => T | Promise<T>): Promise<T> {
    const result = await open.run(unit, work);
    await endInner(unit);
    return result;
  }

  /** Says when a unit asks nothing any more. Its connection is sound, as no answer is due on it. */
  private watch(client: DatabaseClient, onStall: (reason: UnitStalled) => void): NodeJS.Timeout {
    let [sent, quiet] = [client.sent, 0];
    return setInterval(() => {
      quiet = client.isWaiting || client.sent !== sent ? 0 : quiet + 1;
      sent = client.sent;
      if (quiet < LOOKS) return;
      onStall(new UnitStalled(`a unit of work asked the database nothing for ${String(this.idleLimit)} ms`));
    }, this.idleLimit / LOOKS).unref();
  }

  private async runInside<T>(outer: Unit, work: () => T | Promise<T>): Promise<T> {
    const previous = outer.inner;
    const ended = Promise.withResolvers<undefined>();
    outer.inner = ended.promise;
    await previous;
    const { runner, lastLock, held, onDisorder } = outer;
    const last = new LastRows();
    const unit: Unit = { runner, outer, state: 'open', afterCommit: [], last, lastLock, held, onDisorder };
    try {
      return await open.run(unit, () => this.runInSavepoint(unit, work));
    } finally {
      ended.resolve(undefined);
    }
  }

  private async runInSavepoint<T>(unit: Unit, work: () => T | Promise<T>): Promise<T> {
    const { runner, outer, afterCommit, last } = unit;
    const savepoint = `unit_${String(depthOf(unit))}`;
    // the units around it may have failed while it waited for its turn, or meanwhile
    openUnit();
    try {
      await runner.query(`SAVEPOINT ${savepoint}`);
      const result = await work();
      await endInner(unit);
      openUnit();
      unit.state = 'done';
      await runner.query(`RELEASE SAVEPOINT ${savepoint}`);
      if (outer) {
        outer.afterCommit.push(...afterCommit);
        outer.last.addAll(last);
        outer.lastLock = Math.max(outer.lastLock, unit.lastLock);
      }
      return result;
    } catch (error) {
      unit.state = 'undone';
      await endInner(unit);
      // should this fail, so does the outer unit; what failed first is what matters
      await runner.query(`ROLLBACK TO SAVEPOINT ${savepoint}; RELEASE SAVEPOINT ${savepoint}`).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Sends what is written last, and COMMIT with it.
   * TypeORM doesn't look at what COMMIT is answered: PostgreSQL says ROLLBACK, without an error, if a statement had failed.
   */
  private async commit(client: DatabaseClient, last: readonly Sql[]): Promise<void> {
    const sent = [
      ...last.map(({ text, values }) => {
        this.dataSource.logger.logQuery(text, values);
        return this.answerOf(client.query(text, values), text, values);
      }),
      this.commitAlone(client),
    ];
    // the first one that failed is why the others did
    for (const answer of await Promise.allSettled(sent)) if (answer.status === 'rejected') throw answer.reason;
  }

  private async commitAlone(client: DatabaseClient): Promise<void> {
    this.dataSource.logger.logQuery('COMMIT');
    const { command } = await this.answerOf(client.endTransaction('COMMIT'), 'COMMIT', []);
    if (command !== 'COMMIT') throw new RolledBack();
  }

  /** @throws OutcomeUnknown when the connection broke: COMMIT was sent with the statement. */
  private async answerOf(answer: Promise<QueryResult>, text: string, values: unknown[]): Promise<QueryResult> {
    try {
      return await answer;
    } catch (error) {
      if (databaseFailure(error)?.kind === 'unavailable') {
        throw new OutcomeUnknown('the connection broke while a transaction committed', { cause: error });
      }
      throw error instanceof Error ? new QueryFailedError(text, values, error) : error;
    }
  }

  /** A connection on which that fails is still in a transaction, or broken: nobody gets it any more. */
  private async rollBack(client: DatabaseClient): Promise<void> {
    if (client.brokenBy) return;
    this.dataSource.logger.logQuery('ROLLBACK');
    try {
      await client.endTransaction('ROLLBACK');
    } catch (error) {
      client.giveUp(error instanceof Error ? error : new Error(String(error)));
      this.logger.debug({ err: error }, 'A transaction could not be rolled back; its connection was closed.');
    }
  }

  private reportDisorder(message: string): void {
    const error = new LockOrderViolated(`${message}: lock in the order of common/database/locks.ts`);
    if (!this.config?.production) throw error;
    if (this.disorders.has(message)) return;
    this.disorders.add(message);
    this.logger.error(
      { err: error },
      'A unit of work locked rows against the order: it may deadlock with another one.',
    );
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.logger.error({ err: error }, 'The transaction was committed; something that was to follow it failed.');
    }
  }
}

/** Waits for the units begun inside of one, those that it does not await itself too: what they send is a part of it. */
async function endInner(unit: Unit): Promise<void> {
  for (let last: Promise<unknown> | undefined; last !== unit.inner;) {
    last = unit.inner;
    await last;
  }
}

/** How many units a unit is in. */
const depthOf = ({ outer }: Unit): number => (outer ? depthOf(outer) + 1 : 0);

async function clientOf(runner: QueryRunner): Promise<DatabaseClient> {
  const client: unknown = await runner.connect();
  if (client instanceof DatabaseClient) return client;
  throw new Error('the data source is not one of dataSourceOptions()');
}

/** Once the connection is broken, every further statement fails for that; why it broke is what matters. */
function withCause(error: unknown, client: DatabaseClient | undefined): unknown {
  const brokenBy = client?.brokenBy;
  if (!brokenBy || !(error instanceof TypeORMError || databaseFailure(error))) return error;
  if (error instanceof OutcomeUnknown || typeof error !== 'object' || error === null || error === brokenBy)
    return error;
  return !('cause' in error) || error.cause === undefined ? Object.assign(error, { cause: brokenBy }) : error;
}
