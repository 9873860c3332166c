import { setImmediate } from 'node:timers/promises';

/** How long a reader works before others who wait for the processor get it, in milliseconds. */
const TURN = 8;

/** Shares the processor: lines may be many and empty, or few and long, so it goes by time. */
export class Turns {
  private since = performance.now();

  /** Whether it is time for others. Cheap enough to be asked for each line. */
  get over(): boolean {
    return performance.now() - this.since > TURN;
  }

  /** Resolves when the others have had their turn. */
  async next(): Promise<void> {
    await setImmediate();
    this.since = performance.now();
  }
}
