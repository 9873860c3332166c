import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { BackgroundWork } from '../common/background/background-work.js';
import { Retention } from '../common/background/retention.js';
import type { SortKey } from '../common/database/keyset.js';
import { deleteRows, queryShared, run } from '../common/database/statements.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { permissionsOf } from '../common/security/permissions.js';
import type { Role } from '../common/security/roles.js';
import { SecurityLog } from '../common/security/security-log.js';
import { Clock } from '../common/time/clock.js';
import { UsersService } from '../users/users.service.js';
import type { Client } from './client.js';
import { type SessionPage, type SessionQuery, type SessionRow, toSessionDto } from './dto/session.dto.js';
import { type EndReason, Session } from './entities/session.entity.js';
import { KnownNetworksService } from './known-networks.service.js';
import { type KeptToken, type PresentedToken, type RefreshToken, RefreshTokens } from './refresh-tokens.js';

const DAY = 24 * 3600;

/** How long a session lasts at most, and how long unused, in seconds (ASVS 7.3). */
const LIFETIME = 30 * DAY;
const IDLE_LIFETIME = 14 * DAY;

/** How many sessions a user has at most (ASVS 7.1.2): with one more, the one that was not used for longest ends. */
export const MAX_SESSIONS = 50;

/** How long a session is kept after its end, in seconds, so that it can be looked into. */
const KEPT_AFTER_END = 7 * DAY;

/** How exactly "last seen" is recorded, in seconds: not every request has to write. */
const SEEN_STEP = 60;
/** For how many sessions a process knows when it wrote that. */
const MAX_TOUCHED = 10_000;

const BY_CREATION: SortKey = { expression: raw('s.created_at'), type: 'timestamptz', descending: true };

/** A session in which a token has just been issued. */
export interface OpenSession {
  userId: string;
  sessionId: string;
  /** The token as the client gets it. */
  refreshToken: string;
}

/** Who is signed in where. */
@Injectable()
export class SessionsService implements OnModuleInit {
  /** When "last seen" was written last by this process, for the sessions in use. */
  private readonly touched = new LRUCache<string, Date>({ max: MAX_TOUCHED });

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly users: UsersService,
    private readonly refreshTokens: RefreshTokens,
    private readonly networks: KnownNetworksService,
    private readonly security: SecurityLog,
    private readonly background: BackgroundWork,
    private readonly retention: Retention,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.users.onDeactivation(async (userId, deactivation) => {
      if (deactivation === 'disabled') await this.endAll(userId, 'user disabled');
      else {
        // addresses and devices are personal
        await this.sessions.delete({ userId });
        await this.networks.forget(userId);
      }
    });
    this.retention.register({
      name: 'ended sessions',
      deleteBatch: (limit) =>
        deleteRows(
          this.sessions.manager,
          sql`DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE COALESCE(ended_at, expires_at) <= ${this.clock.in(-KEPT_AFTER_END)}
                ORDER BY COALESCE(ended_at, expires_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED
              ) RETURNING 1`,
        ),
    });
  }

  /**
   * Signs a user in, who is held as they are meanwhile. The client's network is known from here on.
   * @param passwordHash of the password that they have shown to know
   * @returns undefined when they may not sign in, or have another password by now.
   */
  async open(userId: string, client: Client, passwordHash: string | null = null): Promise<OpenSession | undefined> {
    const token = this.refreshTokens.first(uuidv7());
    const now = this.clock.now();
    const [opened] = await run<Pick<KeptToken, 'tokenKey'>>(
      this.sessions.manager,
      sql`WITH opened AS (
            INSERT INTO sessions
              (id, user_id, refresh_hash, rotated_at, user_agent, address, created_at, last_seen_at, expires_at)
            SELECT ${token.sessionId}, u.id, ${this.refreshTokens.hash(token)}, ${now}, ${client.userAgent},
              ${client.address}, ${now}, ${now}, ${this.clock.in(LIFETIME)}
            FROM users u WHERE u.id = ${userId} AND u.disabled_at IS NULL AND u.erased_at IS NULL
              AND (${passwordHash}::text IS NULL OR u.password_hash = ${passwordHash}) FOR SHARE
            RETURNING user_id, token_key
          ), surplus AS (
            SELECT id FROM sessions WHERE user_id = ${userId} AND ended_at IS NULL AND EXISTS (SELECT FROM opened)
            ORDER BY last_seen_at DESC, id DESC OFFSET ${MAX_SESSIONS - 1} FOR UPDATE SKIP LOCKED
          ), ended AS (
            UPDATE sessions SET ended_at = ${now}, ended_reason = ${'too many sessions' satisfies EndReason}
            WHERE id = ANY (ARRAY (SELECT id FROM surplus))
          ), known AS (${this.networks.addition(sql`SELECT user_id FROM opened`, client.address)})
          SELECT token_key AS "tokenKey" FROM opened`,
    );
    return opened && this.issued(userId, token, opened);
  }

  /** Who calls in a session: roles as they are now. Undefined when the session is over, or its user may not sign in. */
  async callerOf(sessionId: string, userId: string): Promise<Caller | undefined> {
    const seenLongAgo = this.clock.in(-SEEN_STEP);
    const [found] = await queryShared<{ roles: Role[]; stale: boolean }>(
      this.sessions.manager,
      sql`SELECT u.roles, s.last_seen_at < ${seenLongAgo} AS stale FROM sessions s JOIN users u ON u.id = s.user_id
          WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND ${this.live()}`,
    );
    if (!found) return undefined;
    if (found.stale) this.touch(sessionId, seenLongAgo);
    return { userId, sessionId, roles: found.roles, permissions: permissionsOf(found.roles) };
  }

  /** Whether the caller's session goes on and its user may sign in, at this very moment. */
  async isLive({ sessionId, userId }: Caller): Promise<boolean> {
    const found = await run(
      this.sessions.manager,
      sql`SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
          WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND ${this.live()}`,
    );
    return found.length > 0;
  }

  /**
   * Exchanges a refresh token for the next. One conditional statement decides who is first, at any isolation and in any
   * number of processes; those who come with the same token a moment later get what the first one got. A token that was
   * used before that ends its session: it was stolen, or from the one who has its successor.
   */
  async refresh(token: PresentedToken, client: Client): Promise<OpenSession | undefined> {
    const next = this.refreshTokens.next(token);
    const now = this.clock.now();
    const [rotated] = await run<{ userId: string } & Pick<KeptToken, 'tokenKey'>>(
      this.sessions.manager,
      sql`WITH rotated AS (
            UPDATE sessions s SET refresh_hash = ${this.refreshTokens.hash(next)}, rotated_at = ${now},
              last_seen_at = ${now}, address = ${client.address}, user_agent = ${client.userAgent}
            FROM users u WHERE u.id = s.user_id AND s.id = ${token.sessionId}
              AND s.refresh_hash = ${this.refreshTokens.hash(token)} AND ${this.live()}
            RETURNING s.user_id, s.token_key
          ), known AS (${this.networks.addition(sql`SELECT user_id FROM rotated`, client.address)})
          SELECT user_id AS "userId", token_key AS "tokenKey" FROM rotated`,
    );
    return rotated ? this.issued(rotated.userId, next, rotated) : this.answerAgain(token);
  }

  /** The caller's own live sessions. */
  async list(asked: SessionQuery, caller: Caller): Promise<SessionPage> {
    return this.listOf(caller.userId, asked, caller);
  }

  /** A user's live sessions. @throws AppError 404. */
  async listOfUser(userId: string, asked: SessionQuery, caller: Caller): Promise<SessionPage> {
    await this.users.read(userId);
    return this.listOf(userId, asked, caller);
  }

  /** Ends one of the caller's own sessions, this one included. @throws AppError 404. */
  async endOwn(id: string, caller: Caller): Promise<void> {
    const ended = await this.end(sql`id = ${id} AND user_id = ${caller.userId}`, 'ended by user');
    if (ended === 0) throw new AppError(NotFound, `You have no session ${id}.`);
  }

  /** Ends the caller's sessions but the one that they call in. */
  async endOthers({ userId, sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end(sql`user_id = ${userId} AND id <> ${sessionId}`, reason);
  }

  /** Ends every session of a user. */
  async endAll(userId: string, reason: EndReason): Promise<void> {
    await this.end(sql`user_id = ${userId}`, reason);
  }

  /** Ends every session of a user, for an administrator. @throws AppError 404. */
  async endAllOfUser(userId: string, caller: Caller): Promise<void> {
    await this.users.read(userId);
    await this.endAll(userId, 'ended by administrator');
    this.security.report({ event: 'session_ended', userId, by: caller.userId });
  }

  /** Ends the session that the caller calls in. */
  async endThis({ sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end(sql`id = ${sessionId}`, reason);
  }

  private async listOf(userId: string, asked: SessionQuery, { sessionId }: Caller): Promise<SessionPage> {
    const keyset = {
      columns: raw(`s.id, s.user_agent AS "userAgent", s.address, s.created_at AS "createdAt",
        s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"`),
      from: raw('sessions s JOIN users u ON u.id = s.user_id'),
      where: [sql`s.user_id = ${userId}`, this.live()],
      id: raw('s.id'),
      sort: BY_CREATION,
    };
    const found = await this.pages.read<SessionRow>(this.sessions.manager, this.pages.open(asked, userId), keyset);
    return mapPage(found, (row) => toSessionDto(row, sessionId));
  }

  /** Records that the session was used; no request waits for it, and of many in one interval one writes. */
  private touch(sessionId: string, seenLongAgo: Date): void {
    const touched = this.touched.get(sessionId);
    if (touched && touched > seenLongAgo) return;
    const now = this.clock.now();
    this.touched.set(sessionId, now);
    const started = this.background.start('recording when a session was last seen', async () => {
      await run(
        this.sessions.manager,
        sql`UPDATE sessions SET last_seen_at = ${now}
            WHERE id = ${sessionId} AND ended_at IS NULL AND last_seen_at < ${seenLongAgo}`,
      );
    });
    if (!started) this.touched.delete(sessionId);
  }

  /** For a token that is not the good one of a live session. */
  private async answerAgain(token: PresentedToken): Promise<OpenSession | undefined> {
    const [session] = await run<{ userId: string } & KeptToken>(
      this.sessions.manager,
      sql`SELECT s.user_id AS "userId", s.refresh_hash AS "refreshHash", s.rotated_at AS "rotatedAt",
            s.token_key AS "tokenKey"
          FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${token.sessionId} AND ${this.live()}`,
    );
    if (!session || !this.refreshTokens.isGenuine(token, session)) return undefined;
    const { userId } = session;
    const again = this.refreshTokens.repeated(token, session, this.clock.now());
    if (again) return this.issued(userId, again, session);
    if ((await this.end(sql`id = ${token.sessionId}`, 'refresh token reused')) > 0) {
      this.security.warn({ event: 'authn_token_reuse', userId, sessionId: token.sessionId });
    }
    return undefined;
  }

  private issued(userId: string, token: RefreshToken, { tokenKey }: Pick<KeptToken, 'tokenKey'>): OpenSession {
    return { userId, sessionId: token.sessionId, refreshToken: this.refreshTokens.encode(token, tokenKey) };
  }

  /** Ends sessions, in the order of their ids: two who end the same ones do not deadlock. @returns how many. */
  private async end(which: Sql, reason: EndReason): Promise<number> {
    const ended = await run(
      this.sessions.manager,
      sql`WITH going AS (SELECT id FROM sessions WHERE ${which} AND ended_at IS NULL ORDER BY id FOR UPDATE)
          UPDATE sessions SET ended_at = ${this.clock.now()}, ended_reason = ${reason}
          WHERE id = ANY (ARRAY (SELECT id FROM going)) RETURNING id`,
    );
    return ended.length;
  }

  /** Of `sessions s` and its `users u`: not ended, run out or left unused, and the user may sign in. */
  private live(): Sql {
    return sql`s.ended_at IS NULL AND s.expires_at > ${this.clock.now()} AND s.last_seen_at > ${this.clock.in(-IDLE_LIFETIME)}
      AND u.disabled_at IS NULL AND u.erased_at IS NULL`;
  }
}
