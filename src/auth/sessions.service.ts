import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { type FindOptionsWhere, IsNull, Not, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { SortKey } from '../common/database/keyset.js';
import { lookUp, run } from '../common/database/statements.js';
import { Pages } from '../common/http/pages.js';
import { Problem } from '../common/http/problem.js';
import { NotFound } from '../common/http/problems.js';
import type { Caller } from '../common/security/caller.js';
import { permissionsOf } from '../common/security/permissions.js';
import type { Role } from '../common/security/roles.js';
import { Clock } from '../common/time/clock.js';
import { UsersService } from '../users/users.service.js';
import type { Client } from './client.js';
import { type SessionPage, type SessionQuery, type SessionRow, toSessionDto } from './dto/session.dto.js';
import { type EndReason, Session } from './entities/session.entity.js';
import { type RefreshToken, RefreshTokens } from './refresh-tokens.js';

const DAY = 24 * 3600;

/** How long a session lasts at most, and how long unused, in seconds (ASVS 7.3). */
const LIFETIME = 30 * DAY;
const IDLE_LIFETIME = 14 * DAY;

/** How exactly "last seen" is kept, in seconds: not every request has to write. */
const SEEN_STEP = 60;

const BY_CREATION: SortKey = { expression: raw('s.created_at'), type: 'timestamptz', descending: true };

/** Who is signed in where. */
@Injectable()
export class SessionsService implements OnModuleInit {
  private readonly security = new Logger('Security');

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly users: UsersService,
    private readonly refreshTokens: RefreshTokens,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.users.onLeaving(async (userId, leaving) => {
      if (leaving === 'disabled') await this.endAll(userId, 'user disabled');
      // addresses and devices are personal
      else await this.sessions.delete({ userId });
    });
  }

  /**
   * Signs a user in, who is held as they are meanwhile.
   * @param passwordHash of the password that they have shown to know
   * @returns the first refresh token; undefined when they may not sign in, or have another password by now.
   */
  async open(userId: string, client: Client, passwordHash: string | null = null): Promise<RefreshToken | undefined> {
    const token = this.refreshTokens.first(uuidv7());
    const now = this.clock.now();
    const opened = await run(
      this.sessions.manager,
      sql`INSERT INTO sessions
            (id, user_id, refresh_hash, rotated_at, user_agent, address, created_at, last_seen_at, expires_at)
          SELECT ${token.sessionId}, u.id, ${this.refreshTokens.hash(token)}, ${now}, ${client.userAgent}, ${client.address},
            ${now}, ${now}, ${this.clock.in(LIFETIME)}
          FROM users u WHERE u.id = ${userId} AND u.disabled_at IS NULL AND u.erased_at IS NULL
            AND (${passwordHash}::text IS NULL OR u.password_hash = ${passwordHash}) FOR SHARE
          RETURNING id`,
    );
    return opened.length > 0 ? token : undefined;
  }

  /** Who calls in a session: roles as they are now. Undefined when the session is over, or its user may not sign in. */
  async callerOf(sessionId: string, userId: string): Promise<Caller | undefined> {
    const seenLongAgo = this.clock.in(-SEEN_STEP);
    const [found] = await lookUp<{ roles: Role[]; stale: boolean }>(
      this.sessions.manager,
      sql`SELECT u.roles, s.last_seen_at < ${seenLongAgo} AS stale FROM sessions s JOIN users u ON u.id = s.user_id
          WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND ${this.live()}`,
    );
    if (!found) return undefined;
    if (found.stale) await this.sessions.update({ id: sessionId, endedAt: IsNull() }, { lastSeenAt: this.clock.now() });
    return { userId, sessionId, roles: found.roles, permissions: permissionsOf(found.roles) };
  }

  /**
   * Exchanges a refresh token for the next. One conditional statement decides who is first, at any isolation and in any
   * number of processes; those who come with the same token a moment later get what the first one got. A token that was
   * used before that ends its session: it was stolen, or from the one who has its successor.
   */
  async refresh(token: RefreshToken, client: Client): Promise<{ userId: string; token: RefreshToken } | undefined> {
    const next = this.refreshTokens.next(token);
    const [rotated] = await run<{ userId: string }>(
      this.sessions.manager,
      sql`WITH rotated AS (
            UPDATE sessions s SET refresh_hash = ${this.refreshTokens.hash(next)}, rotated_at = ${this.clock.now()},
              last_seen_at = ${this.clock.now()}, address = ${client.address}, user_agent = ${client.userAgent}
            FROM users u WHERE u.id = s.user_id AND s.id = ${token.sessionId}
              AND s.refresh_hash = ${this.refreshTokens.hash(token)} AND ${this.live()}
            RETURNING s.user_id
          ) SELECT user_id AS "userId" FROM rotated`,
    );
    return rotated ? { ...rotated, token: next } : this.answerAgain(token);
  }

  /** The caller's own live sessions. */
  async list(asked: SessionQuery, caller: Caller): Promise<SessionPage> {
    const keyset = {
      columns: raw(`s.id, s.user_agent AS "userAgent", s.address, s.created_at AS "createdAt",
        s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"`),
      from: raw('sessions s JOIN users u ON u.id = s.user_id'),
      where: [sql`s.user_id = ${caller.userId}`, this.live()],
      id: raw('s.id'),
      sort: BY_CREATION,
    };
    return this.pages.read(this.sessions.manager, this.pages.open(asked), keyset, (row: SessionRow) =>
      toSessionDto(row, caller.sessionId),
    );
  }

  /** Ends one of the caller's own sessions, this one included. @throws Problem 404. */
  async endOwn(id: string, caller: Caller): Promise<void> {
    const ended = await this.end({ id, userId: caller.userId }, 'ended by user');
    if (ended === 0) throw new Problem(NotFound, `You have no session ${id}.`);
  }

  /** Ends the caller's sessions but the one that they call in. */
  async endOthers({ userId, sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end({ userId, id: Not(sessionId) }, reason);
  }

  /** Ends every session of a user. */
  async endAll(userId: string, reason: EndReason): Promise<void> {
    await this.end({ userId }, reason);
  }

  /** Ends the session that the caller calls in. */
  async endThis({ sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end({ id: sessionId }, reason);
  }

  /** For a token that is not the good one of a live session. */
  private async answerAgain(token: RefreshToken): Promise<{ userId: string; token: RefreshToken } | undefined> {
    const [session] = await run<{ userId: string; refreshHash: Buffer; rotatedAt: Date }>(
      this.sessions.manager,
      sql`SELECT s.user_id AS "userId", s.refresh_hash AS "refreshHash", s.rotated_at AS "rotatedAt"
          FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${token.sessionId} AND ${this.live()}`,
    );
    if (!session) return undefined;
    const { userId } = session;
    const again = this.refreshTokens.repeated(token, session, this.clock.now());
    if (again) return { userId, token: again };
    if ((await this.end({ id: token.sessionId }, 'refresh token reused')) > 0) {
      this.security.warn({ event: 'authn_token_reuse', userId, sessionId: token.sessionId });
    }
    return undefined;
  }

  private async end(which: FindOptionsWhere<Session>, reason: EndReason): Promise<number> {
    const { affected } = await this.sessions.update(
      { ...which, endedAt: IsNull() },
      { endedAt: this.clock.now(), endedReason: reason },
    );
    return affected ?? 0;
  }

  /** Of `sessions s` and its `users u`: not ended, run out or left unused, and the user may sign in. */
  private live(): Sql {
    return sql`s.ended_at IS NULL AND s.expires_at > ${this.clock.now()} AND s.last_seen_at > ${this.clock.in(-IDLE_LIFETIME)}
      AND u.disabled_at IS NULL AND u.erased_at IS NULL`;
  }
}
