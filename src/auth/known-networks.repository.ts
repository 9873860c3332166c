import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { deleteRows, queryShared, run } from '../common/database/statements.js';
import { KnownNetwork } from './entities/known-network.entity.js';

/** A user was in a network. */
export interface Visit {
  network: string;
  at: Date;
  /** An earlier record is replaced; a younger one is left as it is, so that not every visit writes. */
  recordedBefore: Date;
}

/** The rows of known networks, and all SQL about them. */
@Injectable()
export class KnownNetworksRepository {
  constructor(@InjectRepository(KnownNetwork) private readonly rows: Repository<KnownNetwork>) {}

  /** Whether a visit of the user was recorded after `since`. */
  async isKnown(userId: string, network: string, since: Date): Promise<boolean> {
    const known = await queryShared(
      this.rows.manager,
      sql`SELECT 1 FROM known_networks WHERE user_id = ${userId} AND network = ${network}
            AND seen_at > ${since}`,
    );
    return known.length > 0;
  }

  async record(userId: string, visit: Visit): Promise<void> {
    await run(this.rows.manager, recordVisit(sql`SELECT ${userId}::uuid AS user_id`, visit));
  }

  async deleteOfUser(userId: string): Promise<void> {
    await this.rows.delete({ userId });
  }

  /** Deletes networks that were used at `before` or earlier. @returns how many. */
  async deleteUnused(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.rows.manager,
      sql`DELETE FROM known_networks WHERE (user_id, network) IN (
            SELECT user_id, network FROM known_networks WHERE seen_at <= ${before}
            ORDER BY seen_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}

/** The statement that records a visit of the `user_id` of each row of `users`; it may be part of a larger one. */
export const recordVisit = (users: Sql, { network, at, recordedBefore }: Visit): Sql =>
  sql`INSERT INTO known_networks AS k (user_id, network, seen_at)
      SELECT user_id, ${network}::text, ${at}::timestamptz FROM (${users}) u
      WHERE NOT EXISTS (
        SELECT 1 FROM known_networks WHERE user_id = u.user_id AND network = ${network} AND seen_at > ${recordedBefore}
      )
      ON CONFLICT ON CONSTRAINT known_networks_pk DO UPDATE SET seen_at = GREATEST(k.seen_at, excluded.seen_at)`;
