import { Injectable, Logger } from '@nestjs/common';
import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { Counters } from '../common/http/counters.js';
import { networkOf } from '../common/http/network.js';
import { Problem } from '../common/http/problem.js';
import { TooManyRequests } from '../common/http/problems.js';
import { Secrets } from '../common/security/secrets.js';
import { normalizeEmail } from '../users/accounts.service.js';

/** How much guessing is borne; times in seconds. */
export class LoginPolicy {
  /** Wrong passwords that an account takes before it pauses. */
  readonly accountFailures = 10;
  /** The first pause; each further wrong password doubles it. */
  readonly firstPause = 30;
  /** The longest pause: the owner is never locked out for longer. */
  readonly longestPause = 15 * 60;
  /** For how long wrong passwords are held against an account. */
  readonly memory = 24 * 3600;
  /** Wrong passwords that are taken from one network, whatever the accounts, and in what time. */
  readonly networkFailures = 100;
  readonly networkWindow = 15 * 60;
}

/** How long an account pauses after so many wrong passwords in a row, in seconds. */
export function pauseAfter(failures: number, policy: LoginPolicy): number {
  if (failures < policy.accountFailures) return 0;
  return Math.min(policy.firstPause * 2 ** (failures - policy.accountFailures), policy.longestPause);
}

/**
 * Slows guessing down, by account and by network (NIST SP 800-63B-4 §3.2.2). Accounts that don't exist pause just the same.
 * Accounts are counted under pseudonyms.
 */
@Injectable()
export class LoginThrottle {
  private readonly security = new Logger('Security');
  private readonly failures: RateLimiterAbstract;
  private readonly pauses: RateLimiterAbstract;
  private readonly networks: RateLimiterAbstract;

  constructor(
    private readonly policy: LoginPolicy,
    private readonly secrets: Secrets,
    counters: Counters,
  ) {
    this.failures = counters.make('login:failures', { points: policy.accountFailures, duration: policy.memory });
    this.pauses = counters.make('login:pauses', { points: 1, duration: policy.longestPause });
    this.networks = counters.make('login:networks', { points: policy.networkFailures, duration: policy.networkWindow });
  }

  /**
   * Lets a try pass, or not. Ask before the password is checked and again after: of a burst of guesses sent at once, all
   * are checked, but no more are answered than one after the other would be.
   * @throws Problem 429.
   */
  async admit(email: string, address: string): Promise<void> {
    const paused = await this.pauses.get(this.account(email));
    const network = await this.networks.get(networkOf(address));
    if (paused) throw tooMany(paused);
    if (network && network.consumedPoints >= this.policy.networkFailures) throw tooMany(network);
  }

  /** Counts a wrong password. */
  async failed(email: string, address: string): Promise<void> {
    const account = this.account(email);
    await this.networks.penalty(networkOf(address));
    const { consumedPoints } = await this.failures.penalty(account);
    const pause = pauseAfter(consumedPoints, this.policy);
    if (pause === 0) return;
    await this.pauses.block(account, pause);
    this.security.warn({ event: 'authn_login_lock', account, failures: consumedPoints, seconds: pause });
  }

  /** Forgets what was held against an account: its owner has shown to be there, by password or by mail. */
  async forgive(email: string): Promise<void> {
    const account = this.account(email);
    await this.failures.delete(account);
    await this.pauses.delete(account);
  }

  private account(email: string): string {
    return this.secrets.pseudonym('login-throttle', normalizeEmail(email));
  }
}

/** 429 with the time to wait. */
export function tooMany({ msBeforeNext }: RateLimiterRes): Problem {
  const seconds = String(Math.max(1, Math.ceil(msBeforeNext / 1000)));
  return new Problem(TooManyRequests, `Too many tries: wait ${seconds} seconds.`, {
    headers: { 'retry-after': seconds },
  });
}
