import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { AppError } from '../common/errors/app-error.js';
import { Unavailable } from '../common/errors/errors.js';

/** Turns passwords into what may be stored. Which way, is chosen in `auth.module.ts`. */
export abstract class PasswordHasher {
  /** The password's hash, in a form that says how it was made. */
  abstract hash(password: string): Promise<string>;

  /** Whether the password is the one of this hash. Without a hash it isn't, and finding out takes as long. */
  abstract verify(hash: string | null, password: string): Promise<boolean>;

  /** Whether a hash was made with less effort than is asked now, and should be computed again. */
  abstract isWeak(hash: string): boolean;
}

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
export const EFFORT = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A hash of no known password, checked where there is no account: it takes as long as another one. */
export const decoyOf = ({ memoryCost, timeCost, parallelism }: typeof EFFORT): string =>
  `$argon2id$v=19$m=${String(memoryCost)},t=${String(timeCost)},p=${String(parallelism)}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** argon2id (RFC 9106), on threads of libuv's pool: the event loop goes on. Passwords are read in NFC. */
@Injectable()
export class Argon2PasswordHasher extends PasswordHasher {
  effort = EFFORT;

  // One more than there are cores, so that none waits for the next; one of the pool's four threads stays free for files, names and compression.
  private readonly gate = new ConcurrencyLimiter(Math.min(availableParallelism() + 1, 3), 1000);

  hash(password: string): Promise<string> {
    return this.gate.pass(() => hash(password.normalize('NFC'), this.effort));
  }

  async verify(stored: string | null, password: string): Promise<boolean> {
    const right = await this.gate.pass(() => verify(stored ?? decoyOf(this.effort), password.normalize('NFC')));
    return right && stored !== null;
  }

  isWeak(stored: string): boolean {
    const { memoryCost, timeCost } = parseOptions(stored);
    return !stored.startsWith('$argon2id$') || memoryCost < this.effort.memoryCost || timeCost < this.effort.timeCost;
  }
}

/** Lets so many tasks run at once, and so many wait. */
export class ConcurrencyLimiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly places: number,
    private readonly queue: number,
  ) {}

  /** Runs the task as soon as there is a place. @throws AppError 503 when too many wait already. */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.places) this.running++;
    else await this.turn();
    try {
      return await task();
    } finally {
      // the place goes to the next in line, or is free
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.queue) throw new AppError(Unavailable, 'Too many people are signing in at once.');
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
