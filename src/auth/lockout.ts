import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Counters } from '../common/http/limits/counters.js';

/** How many failures are taken, and how long a pause follows; times in seconds. */
export interface LockoutPolicy {
  /** Failures before the first pause. */
  readonly failures: number;
  /** The first pause; each further failure doubles it. */
  readonly firstPause: number;
  /** The longest pause. */
  readonly longestPause: number;
  /** For how long failures are counted, from the first one on. */
  readonly memory: number;
}

/** The pause after so many failures, in seconds. */
export function pauseAfter(failures: number, { failures: taken, firstPause, longestPause }: LockoutPolicy): number {
  if (failures < taken) return 0;
  return Math.min(firstPause * 2 ** (failures - taken), longestPause);
}

/** Counts failures by a key, and pauses a key that has too many. */
export class Lockout {
  private readonly failures: RateLimiterAbstract;
  private readonly pauses: RateLimiterAbstract;

  constructor(
    counters: Counters,
    name: string,
    private readonly policy: LockoutPolicy,
  ) {
    this.failures = counters.make(`${name}:failures`, { points: policy.failures, duration: policy.memory });
    this.pauses = counters.make(`${name}:pauses`, { points: 1, duration: policy.longestPause });
  }

  /** The pause that the key is in; null when it is in none. */
  async pauseOf(key: string): Promise<RateLimiterRes | null> {
    return this.pauses.get(key);
  }

  /** Counts a failure. @returns how many there are now, and the seconds of the pause that begins, or 0. */
  async fail(key: string): Promise<{ failures: number; seconds: number }> {
    const { consumedPoints: failures } = await this.failures.penalty(key);
    const seconds = pauseAfter(failures, this.policy);
    if (seconds > 0) await this.pauses.block(key, seconds);
    return { failures, seconds };
  }

  /** Forgets the failures of the key and ends its pause. */
  async clear(key: string): Promise<void> {
    await this.failures.delete(key);
    await this.pauses.delete(key);
  }
}
