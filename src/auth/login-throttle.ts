import { Injectable } from '@nestjs/common';
import type { RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../common/errors/app-error.js';
import { TooManyRequests } from '../common/errors/errors.js';
import { Counters } from '../common/http/limits/counters.js';
import { networkOf } from '../common/http/syntax/network.js';
import { normalizeEmail } from '../common/mail/email-address.js';
import { Secrets } from '../common/security/secrets.js';
import { SecurityLog } from '../common/security/security-log.js';
import { Lockout, type LockoutPolicy } from './lockout.js';

const MINUTE = 60;
const DAY = 24 * 3600;

/** Login throttling limits (NIST SP 800-63B-4 §3.2.2, ASVS 6.3.1). What they add up to stands in decision 15. */
export class LoginPolicy {
  /** For an account and a network together: what a person meets who mistypes. */
  readonly pair: LockoutPolicy = { failures: 10, firstPause: 30, longestPause: 15 * MINUTE, memory: DAY };
  /** For an account and all networks that it was never used from. */
  readonly strangers: LockoutPolicy = { failures: 100, firstPause: 30, longestPause: 15 * MINUTE, memory: DAY };
  /** For a network and all accounts that were never used from there. */
  readonly network: LockoutPolicy = { failures: 100, firstPause: 10, longestPause: MINUTE, memory: 15 * MINUTE };
  /** For a session that asks for its current password. */
  readonly session: LockoutPolicy = { failures: 10, firstPause: 30, longestPause: 15 * MINUTE, memory: DAY };
}

/** An attempt to sign in. */
export interface LoginAttempt {
  email: string;
  address: string;
  /** Whether the account was used from this network before; asked only when it matters. */
  isKnown: () => Promise<boolean>;
}

/**
 * Slows guessing of passwords down without locking an owner out: wrong passwords from elsewhere close an account only to
 * networks that it was never used from. Accounts that don't exist are treated just the same. Accounts are counted under
 * pseudonyms.
 *
 * Ask before a password is checked and again after: of a burst of guesses sent at once all are checked, but no more are
 * answered than one after the other would be.
 */
@Injectable()
export class LoginThrottle {
  private readonly pairs: Lockout;
  private readonly strangers: Lockout;
  private readonly networks: Lockout;
  private readonly sessions: Lockout;

  constructor(
    policy: LoginPolicy,
    counters: Counters,
    private readonly secrets: Secrets,
    private readonly security: SecurityLog,
  ) {
    this.pairs = new Lockout(counters, 'login:pairs', policy.pair);
    this.strangers = new Lockout(counters, 'login:strangers', policy.strangers);
    this.networks = new Lockout(counters, 'login:networks', policy.network);
    this.sessions = new Lockout(counters, 'login:sessions', policy.session);
  }

  /** @throws AppError 429 while the account is paused for this network, or the network for this account. */
  async assertAllowed(attempt: LoginAttempt): Promise<void> {
    const { account, network, pair } = this.keysOf(attempt);
    const own = await this.pairs.pauseOf(pair);
    if (own) throw tooMany(own);
    const others = (await this.strangers.pauseOf(account)) ?? (await this.networks.pauseOf(network));
    if (others && !(await attempt.isKnown())) throw tooMany(others);
  }

  /** Counts a wrong password. */
  async failed(attempt: LoginAttempt): Promise<void> {
    const { account, network, pair } = this.keysOf(attempt);
    await this.networks.fail(network);
    const counts = [
      { by: 'account and network', ...(await this.pairs.fail(pair)) },
      { by: 'account', ...(await this.strangers.fail(account)) },
    ];
    for (const { seconds, ...count } of counts) {
      if (seconds > 0) this.security.warn({ event: 'authn_login_lock', account, seconds, ...count });
    }
  }

  /** Forgets what was counted for the account in this network: its owner is there, by password or by mail. */
  async reset(attempt: Pick<LoginAttempt, 'email' | 'address'>): Promise<void> {
    await this.pairs.clear(this.keysOf(attempt).pair);
  }

  /** @throws AppError 429 while the session is paused. */
  async assertSessionAllowed(sessionId: string): Promise<void> {
    const pause = await this.sessions.pauseOf(sessionId);
    if (pause) throw tooMany(pause);
  }

  /** Counts a wrong current password. */
  async sessionFailed(sessionId: string): Promise<void> {
    const { failures, seconds } = await this.sessions.fail(sessionId);
    if (seconds > 0) this.security.warn({ event: 'authn_login_lock', by: 'session', sessionId, failures, seconds });
  }

  /** Forgets what was counted for the session. */
  async forgiveSession(sessionId: string): Promise<void> {
    await this.sessions.clear(sessionId);
  }

  private keysOf({ email, address }: Pick<LoginAttempt, 'email' | 'address'>): {
    account: string;
    network: string;
    pair: string;
  } {
    const account = this.secrets.pseudonym('login-throttle', normalizeEmail(email));
    const network = networkOf(address);
    return { account, network, pair: `${account} ${network}` };
  }
}

/** 429 with the time to wait. */
export function tooMany({ msBeforeNext }: RateLimiterRes): AppError {
  const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new AppError(TooManyRequests, `Too many tries: wait ${String(retryAfter)} seconds.`, { retryAfter });
}
