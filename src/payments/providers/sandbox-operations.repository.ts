import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../../common/database/locks.js';
import { run } from '../../common/database/statements.js';
import { SandboxOperation } from '../entities/sandbox-operation.entity.js';

/** What was done with a payment, in minor units. */
export interface SandboxSums {
  captured: number;
  refunded: number;
  isVoided: boolean;
}

/** A request that is to be kept. */
type NewSandboxOperation = Omit<SandboxOperation, 'calls' | 'createdAt'>;

const COLUMNS = raw('key, operation, reference, payment, amount, currency, token, state, code, calls');

/** The memory of the sandbox, and all SQL about it. */
@Injectable()
export class SandboxOperationsRepository {
  constructor(@InjectRepository(SandboxOperation) private readonly rows: Repository<SandboxOperation>) {}

  async find(key: string): Promise<SandboxOperation | undefined> {
    const [row] = await run<SandboxOperation>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM sandbox_operations WHERE key = ${key}`,
    );
    return row;
  }

  /** What a payment was made with. */
  async findToken(reference: string): Promise<string | null> {
    const [row] = await run<{ token: string | null }>(
      this.rows.manager,
      sql`SELECT token FROM sandbox_operations WHERE reference = ${reference} AND payment IS NULL`,
    );
    return row?.token ?? null;
  }

  /** Locks a payment until the end of the transaction, so that what is done with it is done one after the other. */
  async lockPayment(reference: string): Promise<SandboxOperation | undefined> {
    declareLock('own row');
    const [row] = await run<SandboxOperation>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM sandbox_operations WHERE reference = ${reference} AND payment IS NULL FOR UPDATE`,
    );
    return row;
  }

  /** What was done with a payment so far. */
  async sum(reference: string): Promise<SandboxSums> {
    const [sums] = await run<SandboxSums>(
      this.rows.manager,
      sql`SELECT coalesce(sum(amount) FILTER (WHERE operation = 'capture'), 0)::bigint AS captured,
            coalesce(sum(amount) FILTER (WHERE operation = 'refund'), 0)::bigint AS refunded,
            coalesce(bool_or(operation = 'void'), false) AS "isVoided"
          FROM sandbox_operations WHERE (payment = ${reference} OR reference = ${reference}) AND state = 'succeeded'`,
    );
    return sums ?? { captured: 0, refunded: 0, isVoided: false };
  }

  /** @returns false when there is a request with the key already, which is counted again. */
  async insert(row: NewSandboxOperation): Promise<boolean> {
    const [counted] = await run<{ calls: number }>(
      this.rows.manager,
      sql`INSERT INTO sandbox_operations (key, operation, reference, payment, amount, currency, token, state, code)
          VALUES (${row.key}, ${row.operation}, ${row.reference}, ${row.payment}, ${row.amount}, ${row.currency}, ${row.token},
            ${row.state}, ${row.code})
          ON CONFLICT ON CONSTRAINT sandbox_operations_pk DO UPDATE SET calls = sandbox_operations.calls + 1
          RETURNING calls`,
    );
    return counted?.calls === 1;
  }

  /** The request that was lost has arrived. */
  async arrive(key: string): Promise<void> {
    await this.rows.update({ key, state: 'lost' }, { state: 'succeeded' });
  }
}
