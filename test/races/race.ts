import fc, { type Arbitrary } from 'fast-check';
import { audit } from './audit.js';
import type { ShopUnderTest } from './shop-under-test.js';
import { Trader } from './trader.js';

/** What a scenario is run with. */
export class Race {
  /** What went wrong, each as one line. */
  readonly anomalies: string[] = [];
  /** How often the scenario was done. */
  runs = 0;
  /** How many processes were killed. */
  kills = 0;
  private samples = 0;

  /**
   * @param asked how often the scenario is to be done.
   * @param end when it is to begin no further run, as `performance.now()` says it.
   * @param seed of all that is chosen at random.
   */
  constructor(
    readonly shop: ShopUnderTest,
    readonly name: string,
    readonly asked: number,
    private readonly end: number,
    private readonly seed: number,
  ) {}

  readonly report = (anomaly: string): void => {
    this.anomalies.push(anomaly);
  };

  /** Reports an error. */
  readonly fail = (error: unknown): void => {
    this.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };

  /** Reports an anomaly unless a condition holds. */
  readonly expect = (condition: boolean, anomaly: string): void => {
    if (!condition) this.report(anomaly);
  };

  /** Somebody who sells under the name of this scenario. */
  openTrader(): Trader {
    return new Trader(this.shop, `${this.name} ${String(++this.samples)}`, this.report);
  }

  /** Begins the next run: as many as are asked for, or as there is time for. @returns false when there is none. */
  next(): boolean {
    if (this.runs === this.asked || (this.runs > 0 && performance.now() > this.end)) return false;
    this.runs++;
    return true;
  }

  /** Has all come to rest, and reports what does not fit together then. */
  async audit(trader: Trader): Promise<void> {
    for (const anomaly of await audit(trader)) this.report(anomaly);
  }

  /** So many values, the same ones for the same seed. */
  choose<T>(arbitrary: Arbitrary<T>, count: number): T[] {
    return fc.sample(arbitrary, { seed: this.seed + ++this.samples, numRuns: count });
  }
}

/** Something that goes wrong in a shop when it happens at once, or when a process is killed in between. */
export interface Scenario {
  readonly name: string;
  /** How many of the runs that were asked for it does; all of them unless it says so. */
  readonly runs?: (asked: number, shop: ShopUnderTest) => number;
  /** Its part of the time that there is. */
  readonly share: number;
  readonly run: (race: Race) => Promise<void>;
}
