import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { deleteRows, queryShared, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Role } from '../common/security/roles.js';
import type { SessionQuery, SessionRow } from './dto/session.dto.js';
import { type EndReason, Session } from './entities/session.entity.js';
import { recordVisit, type Visit } from './known-networks.repository.js';

/** The times that make a session live: it runs out after `now`, was used after `idleSince`, and did not end. */
export interface LiveTimes {
  now: Date;
  idleSince: Date;
}

/** A session that begins. */
type NewSession = Pick<Session, 'id' | 'userId' | 'refreshHash' | 'userAgent' | 'address' | 'createdAt' | 'expiresAt'>;

/** What changes of a session when its refresh token is replaced. */
type Rotation = Pick<Session, 'refreshHash' | 'rotatedAt' | 'userAgent' | 'address'>;

/**
 * Which sessions: one, which may have to be a given user's, or those of a user, which may leave out one, or those opened since the
 * user has the version `openedBefore`.
 */
export type SessionFilter =
  | { id: string; userId?: string; otherThan?: undefined; openedBefore?: undefined }
  | { id?: undefined; userId: string; otherThan?: string; openedBefore?: number };

const COLUMNS = raw(`s.id, s.user_agent AS "userAgent", s.address, s.created_at AS "createdAt",
        s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"`);

const BY_CREATION: SortKey = { expression: raw('s.created_at'), type: 'timestamptz', descending: true };

/** The rows of sessions, and all SQL about them. */
@Injectable()
export class SessionsRepository {
  constructor(
    @InjectRepository(Session) private readonly rows: Repository<Session>,
    private readonly pages: Pages,
  ) {}

  /** One page of a user's live sessions. */
  async readPage(list: AskedList<SessionQuery>, userId: string, live: LiveTimes): Promise<Page<SessionRow>> {
    return this.pages.read<SessionRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('sessions s JOIN users u ON u.id = s.user_id'),
      where: [sql`s.user_id = ${userId}`, isLive(live)],
      id: raw('s.id'),
      sort: BY_CREATION,
    });
  }

  /** The roles of the user of a live session, and whether the session was last seen before `seenBefore`. */
  async findRoles(
    id: string,
    userId: string,
    live: LiveTimes,
    seenBefore: Date,
  ): Promise<{ roles: Role[]; stale: boolean } | undefined> {
    const [found] = await queryShared<{ roles: Role[]; stale: boolean }>(
      this.rows.manager,
      sql`SELECT u.roles, s.last_seen_at < ${seenBefore} AS stale FROM sessions s JOIN users u ON u.id = s.user_id
          WHERE s.id = ${id} AND s.user_id = ${userId} AND ${isLive(live)}`,
    );
    return found;
  }

  async isLive(id: string, userId: string, live: LiveTimes): Promise<boolean> {
    const found = await run(
      this.rows.manager,
      sql`SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
          WHERE s.id = ${id} AND s.user_id = ${userId} AND ${isLive(live)}`,
    );
    return found.length > 0;
  }

  /** The tokens of a live session. */
  async findTokens(
    id: string,
    live: LiveTimes,
  ): Promise<Pick<Session, 'userId' | 'refreshHash' | 'rotatedAt' | 'tokenKey'> | undefined> {
    const [session] = await run<Pick<Session, 'userId' | 'refreshHash' | 'rotatedAt' | 'tokenKey'>>(
      this.rows.manager,
      sql`SELECT s.user_id AS "userId", s.refresh_hash AS "refreshHash", s.rotated_at AS "rotatedAt",
            s.token_key AS "tokenKey"
          FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${id} AND ${isLive(live)}`,
    );
    return session;
  }

  /**
   * Inserts a session and records the visit, for a user who may sign in and is locked as they are; of the user's other sessions
   * that go on, only the `othersKept` that were used last do.
   * @param passwordHash that the user must have, unless it is null.
   * @returns undefined when it was not inserted.
   */
  async insert(
    { id, userId, refreshHash, userAgent, address, createdAt, expiresAt }: NewSession,
    passwordHash: string | null,
    othersKept: number,
    visit: Visit,
  ): Promise<Pick<Session, 'tokenKey'> | undefined> {
    declareLock('user');
    const [inserted] = await run<Pick<Session, 'tokenKey'>>(
      this.rows.manager,
      sql`WITH opened AS (
            INSERT INTO sessions
              (id, user_id, user_version, refresh_hash, rotated_at, user_agent, address, created_at, last_seen_at, expires_at)
            SELECT ${id}, u.id, u.version, ${refreshHash}, ${createdAt}, ${userAgent},
              ${address}, ${createdAt}, ${createdAt}, ${expiresAt}
            FROM users u WHERE u.id = ${userId} AND u.disabled_at IS NULL AND u.erased_at IS NULL
              AND (${passwordHash}::text IS NULL OR u.password_hash = ${passwordHash}) FOR SHARE
            RETURNING user_id, token_key
          ), surplus AS (
            SELECT id FROM sessions WHERE user_id = ${userId} AND ended_at IS NULL AND EXISTS (SELECT FROM opened)
            ORDER BY last_seen_at DESC, id DESC OFFSET ${othersKept} FOR UPDATE SKIP LOCKED
          ), ended AS (
            UPDATE sessions SET ended_at = ${createdAt}, ended_reason = ${'too many sessions' satisfies EndReason}
            WHERE id = ANY (ARRAY (SELECT id FROM surplus))
          ), known AS (${recordVisit(sql`SELECT user_id FROM opened`, visit)})
          SELECT token_key AS "tokenKey" FROM opened`,
    );
    return inserted;
  }

  /**
   * Replaces the refresh token of a live session, if `refreshHash` is that of the good one, and records the visit.
   * @returns undefined when it was not replaced.
   */
  async rotate(
    { id, refreshHash }: Pick<Session, 'id' | 'refreshHash'>,
    next: Rotation,
    live: LiveTimes,
    visit: Visit,
  ): Promise<Pick<Session, 'userId' | 'tokenKey'> | undefined> {
    const [rotated] = await run<Pick<Session, 'userId' | 'tokenKey'>>(
      this.rows.manager,
      sql`WITH rotated AS (
            UPDATE sessions s SET refresh_hash = ${next.refreshHash}, rotated_at = ${next.rotatedAt},
              last_seen_at = ${next.rotatedAt}, address = ${next.address}, user_agent = ${next.userAgent}
            FROM users u WHERE u.id = s.user_id AND s.id = ${id}
              AND s.refresh_hash = ${refreshHash} AND ${isLive(live)}
            RETURNING s.user_id, s.token_key
          ), known AS (${recordVisit(sql`SELECT user_id FROM rotated`, visit)})
          SELECT user_id AS "userId", token_key AS "tokenKey" FROM rotated`,
    );
    return rotated;
  }

  /** Records that a session was used, unless it has ended or was last seen at `seenBefore` or later. */
  async touch(id: string, now: Date, seenBefore: Date): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE sessions SET last_seen_at = ${now}
            WHERE id = ${id} AND ended_at IS NULL AND last_seen_at < ${seenBefore}`,
    );
  }

  /** Ends sessions, in the order of their ids: two who end the same ones do not deadlock. @returns how many. */
  async end(filter: SessionFilter, reason: EndReason, now: Date): Promise<number> {
    declareLock('session');
    const ended = await run(
      this.rows.manager,
      sql`WITH going AS (SELECT id FROM sessions WHERE ${matches(filter)} AND ended_at IS NULL ORDER BY id FOR UPDATE)
          UPDATE sessions SET ended_at = ${now}, ended_reason = ${reason}
          WHERE id = ANY (ARRAY (SELECT id FROM going)) RETURNING id`,
    );
    return ended.length;
  }

  async deleteOfUser(userId: string): Promise<void> {
    await this.rows.delete({ userId });
  }

  /** Deletes sessions that ended or ran out at `before` or earlier. @returns how many. */
  async deleteEnded(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.rows.manager,
      sql`DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions WHERE COALESCE(ended_at, expires_at) <= ${before}
            ORDER BY COALESCE(ended_at, expires_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}

/** Of `sessions s` and its `users u`: not ended, run out or left unused; the user may sign in, and was not disabled since. */
const isLive = ({ now, idleSince }: LiveTimes): Sql =>
  sql`s.ended_at IS NULL AND s.expires_at > ${now} AND s.last_seen_at > ${idleSince}
      AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version`;

const matches = ({ id, userId, otherThan, openedBefore }: SessionFilter): Sql =>
  join(
    [
      id !== undefined && sql`id = ${id}`,
      userId !== undefined && sql`user_id = ${userId}`,
      otherThan !== undefined && sql`id <> ${otherThan}`,
      openedBefore !== undefined && sql`user_version < ${openedBefore}`,
    ].filter((condition) => condition !== false),
    ' AND ',
  );
