import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';

/** The time, injected, so that a test can set it. */
@Injectable()
export class Clock {
  private readonly set = new AsyncLocalStorage<Date>();

  now(): Date {
    return this.set.getStore() ?? new Date();
  }

  /** The time `seconds` from now; negative for the past. */
  in(seconds: number): Date {
    return new Date(this.now().getTime() + seconds * 1000);
  }

  /** Does `work` as if it were always `time`: to record what happened then. What runs beside it, in the background too, has the real time. */
  runAt<T>(time: Date, work: () => T): T {
    return this.set.run(time, work);
  }
}
