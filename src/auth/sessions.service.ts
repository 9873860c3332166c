import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { v7 as uuidv7 } from 'uuid';
import { BackgroundWork } from '../common/background/background-work.js';
import { Retention } from '../common/background/retention.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { permissionsOf } from '../common/security/permissions.js';
import { SecurityLog } from '../common/security/security-log.js';
import { Clock } from '../common/time/clock.js';
import { UserErased, UserUpdated } from '../users/users.events.js';
import { UsersService } from '../users/users.service.js';
import type { Client } from './client.js';
import { type SessionPage, type SessionQuery, toSessionDto } from './dto/session.dto.js';
import type { EndReason } from './entities/session.entity.js';
import { KnownNetworksService } from './known-networks.service.js';
import { type KeptToken, type PresentedToken, type RefreshToken, RefreshTokens } from './refresh-tokens.js';
import { type LiveTimes, type SessionFilter, SessionsRepository } from './sessions.repository.js';

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
    private readonly sessions: SessionsRepository,
    private readonly users: UsersService,
    private readonly refreshTokens: RefreshTokens,
    private readonly networks: KnownNetworksService,
    private readonly events: EventsService,
    private readonly security: SecurityLog,
    private readonly background: BackgroundWork,
    private readonly retention: Retention,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.events.handle('sessions of users', [UserUpdated, UserErased], async (event) => {
      const { aggregateId: userId, version } = event;
      if (UserUpdated.is(event)) {
        // they are refused from the disabling on; this records their end. One that was opened later goes on.
        if (event.data.disabled) await this.end({ userId, openedBefore: version }, 'user disabled');
        return;
      }
      // addresses and devices are personal
      await this.sessions.deleteOfUser(userId);
      await this.networks.forget(userId);
    });
    this.retention.register({
      name: 'ended sessions',
      deleteBatch: (limit) => this.sessions.deleteEnded(this.clock.in(-KEPT_AFTER_END), limit),
    });
  }

  /**
   * Signs a user in, who is held as they are meanwhile. The client's network is known from here on.
   * @param passwordHash of the password that they have shown to know
   * @returns undefined when they may not sign in, or have another password by now.
   */
  async open(userId: string, client: Client, passwordHash: string | null = null): Promise<OpenSession | undefined> {
    const token = this.refreshTokens.first(uuidv7());
    const session = {
      id: token.sessionId,
      userId,
      refreshHash: this.refreshTokens.hash(token),
      userAgent: client.userAgent,
      address: client.address,
      createdAt: this.clock.now(),
      expiresAt: this.clock.in(LIFETIME),
    };
    const visit = this.networks.visitFrom(client.address);
    const opened = await this.sessions.insert(session, passwordHash, MAX_SESSIONS - 1, visit);
    return opened && this.issued(userId, token, opened);
  }

  /** Who calls in a session: roles as they are now. Undefined when the session is over, or its user may not sign in. */
  async callerOf(sessionId: string, userId: string): Promise<Caller | undefined> {
    const seenLongAgo = this.clock.in(-SEEN_STEP);
    const found = await this.sessions.findRoles(sessionId, userId, this.live(), seenLongAgo);
    if (!found) return undefined;
    if (found.stale) this.touch(sessionId, seenLongAgo);
    return { userId, sessionId, roles: found.roles, permissions: permissionsOf(found.roles) };
  }

  /** Whether the caller's session goes on and its user may sign in, at this very moment. */
  async isLive({ sessionId, userId }: Caller): Promise<boolean> {
    return this.sessions.isLive(sessionId, userId, this.live());
  }

  /**
   * Exchanges a refresh token for the next. One conditional statement decides who is first, at any isolation and in any
   * number of processes; those who come with the same token a moment later get what the first one got. A token that is used a
   * second time later ends its session: somebody has a copy.
   */
  async refresh(token: PresentedToken, client: Client): Promise<OpenSession | undefined> {
    const next = this.refreshTokens.next(token);
    const rotated = await this.sessions.rotate(
      { id: token.sessionId, refreshHash: this.refreshTokens.hash(token) },
      {
        refreshHash: this.refreshTokens.hash(next),
        rotatedAt: this.clock.now(),
        userAgent: client.userAgent,
        address: client.address,
      },
      this.live(),
      this.networks.visitFrom(client.address),
    );
    return rotated ? this.issued(rotated.userId, next, rotated) : this.answerUsedToken(token);
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
    const ended = await this.end({ id, userId: caller.userId }, 'ended by user');
    if (ended === 0) throw new AppError(NotFound, `You have no session ${id}.`);
  }

  /** Ends the caller's sessions but the one that they call in. */
  async endOthers({ userId, sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end({ userId, otherThan: sessionId }, reason);
  }

  /** Ends every session of a user. */
  async endAll(userId: string, reason: EndReason): Promise<void> {
    await this.end({ userId }, reason);
  }

  /** Ends every session of a user, for an administrator. @throws AppError 404. */
  async endAllOfUser(userId: string, caller: Caller): Promise<void> {
    await this.users.read(userId);
    await this.endAll(userId, 'ended by administrator');
    this.security.report({ event: 'session_ended', userId, by: caller.userId });
  }

  /** Ends the session that the caller calls in. */
  async endThis({ sessionId }: Caller, reason: EndReason): Promise<void> {
    await this.end({ id: sessionId }, reason);
  }

  private async listOf(userId: string, asked: SessionQuery, { sessionId }: Caller): Promise<SessionPage> {
    const found = await this.sessions.readPage(this.pages.open(asked, userId), userId, this.live());
    return mapPage(found, (row) => toSessionDto(row, sessionId));
  }

  /** Records that the session was used; no request waits for it, and of many in one interval one writes. */
  private touch(sessionId: string, seenLongAgo: Date): void {
    const touched = this.touched.get(sessionId);
    if (touched && touched > seenLongAgo) return;
    const now = this.clock.now();
    this.touched.set(sessionId, now);
    const started = this.background.start('recording when a session was last seen', () =>
      this.sessions.touch(sessionId, now, seenLongAgo),
    );
    if (!started) this.touched.delete(sessionId);
  }

  /** For a token that is not the good one of a live session. */
  private async answerUsedToken(token: PresentedToken): Promise<OpenSession | undefined> {
    const session = await this.sessions.findTokens(token.sessionId, this.live());
    if (!session || !this.refreshTokens.isGenuine(token, session)) return undefined;
    const { userId } = session;
    const next = this.refreshTokens.findSuccessor(token, session, this.clock.now());
    if (next) return this.issued(userId, next, session);
    if ((await this.end({ id: token.sessionId }, 'refresh token reused')) > 0) {
      this.security.warn({ event: 'authn_token_reuse', userId, sessionId: token.sessionId });
    }
    return undefined;
  }

  private issued(userId: string, token: RefreshToken, { tokenKey }: Pick<KeptToken, 'tokenKey'>): OpenSession {
    return { userId, sessionId: token.sessionId, refreshToken: this.refreshTokens.encode(token, tokenKey) };
  }

  /** @returns how many sessions it ended. */
  private async end(which: SessionFilter, reason: EndReason): Promise<number> {
    return this.sessions.end(which, reason, this.clock.now());
  }

  /** What a session that is live now has to be. */
  private live(): LiveTimes {
    return { now: this.clock.now(), idleSince: this.clock.in(-IDLE_LIFETIME) };
  }
}
