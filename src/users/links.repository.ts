import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { deleteRows, queryShared, run } from '../common/database/statements.js';
import { type LinkPurpose, OneTimeToken } from './entities/one-time-token.entity.js';

/** The rows of one-time links, and all SQL about them. */
@Injectable()
export class LinksRepository {
  constructor(@InjectRepository(OneTimeToken) private readonly rows: Repository<OneTimeToken>) {}

  /** The id of the user to whom a link was mailed, if it works at `now` for one of the purposes. */
  async findHolder(hash: Buffer, purposes: readonly LinkPurpose[], now: Date): Promise<string | undefined> {
    const [found] = await queryShared<{ userId: string }>(
      this.rows.manager,
      sql`SELECT user_id AS "userId" FROM one_time_tokens WHERE ${isWorking(hash, purposes, now)}`,
    );
    return found?.userId;
  }

  /** Marks a link as used at `now`. @returns whether it worked. */
  async markUsed(hash: Buffer, purposes: readonly LinkPurpose[], now: Date): Promise<boolean> {
    const used = await run(
      this.rows.manager,
      sql`UPDATE one_time_tokens SET used_at = ${now} WHERE ${isWorking(hash, purposes, now)} RETURNING id`,
    );
    return used.length > 0;
  }

  /** Inserts a link, or puts it in the place of the one that its user has for the same purpose. */
  async upsert(link: Omit<OneTimeToken, 'createdAt' | 'updatedAt'>): Promise<void> {
    await this.rows.upsert(link, ['userId', 'purpose']);
  }

  async deleteOfUser(userId: string): Promise<void> {
    await this.rows.delete({ userId });
  }

  /** Deletes links that ran out at `before` or earlier. @returns how many. */
  async deleteExpired(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.rows.manager,
      sql`DELETE FROM one_time_tokens WHERE id IN (
            SELECT id FROM one_time_tokens WHERE expires_at <= ${before}
            ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}

const isWorking = (hash: Buffer, purposes: readonly LinkPurpose[], now: Date): Sql =>
  sql`token_hash = ${hash} AND purpose = ANY (${purposes}) AND used_at IS NULL
      AND expires_at > ${now}`;
