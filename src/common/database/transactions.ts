import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import {
  DataSource,
  EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type QueryDeepPartialEntity,
  type QueryRunner,
  type UpdateOptions,
  UpdateResult,
} from 'typeorm';

interface OpenTransaction {
  runner: QueryRunner;
  afterCommit: (() => void)[];
}

const open = new AsyncLocalStorage<OpenTransaction>();

/** A root entity manager whose repositories join the transaction that is open around the caller, if one is. */
class JoiningEntityManager extends EntityManager {
  constructor(dataSource: DataSource) {
    super(dataSource);
    Object.defineProperty(this, 'queryRunner', { get: () => open.getStore()?.runner });
  }

  /**
   * Writes nothing where there is nothing to write: TypeORM would count the version up and set the time of the change, so
   * that `PATCH {}` would be a change.
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

/** A data source whose injected repositories (`@InjectRepository`) take part in {@link Transactions} without being told. */
export class StockroomDataSource extends DataSource {
  override createEntityManager(queryRunner?: QueryRunner): EntityManager {
    return queryRunner ? super.createEntityManager(queryRunner) : new JoiningEntityManager(this);
  }
}

/** Units of work: what a service method does inside `run` commits together or not at all. */
@Injectable()
export class Transactions {
  constructor(private readonly dataSource: DataSource) {}

  /** Runs `work` in the open transaction, or in a new one that commits when `work` is done and rolls back when it throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (open.getStore()) return work();
    const runner = this.dataSource.createQueryRunner();
    const transaction: OpenTransaction = { runner, afterCommit: [] };
    let result: T;
    try {
      await runner.startTransaction();
      result = await open.run(transaction, work);
      await runner.commitTransaction();
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
    for (const action of transaction.afterCommit) action();
    return result;
  }

  /** Does `action` once the open transaction has committed (at once when none is open); never after a rollback. */
  afterCommit(action: () => void): void {
    const transaction = open.getStore();
    if (transaction) transaction.afterCommit.push(action);
    else action();
  }
}
