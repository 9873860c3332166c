import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { Clock } from '../common/time/clock.js';
import { StockChanged, toStockChanges } from './inventory.events.js';
import { InventoryRepository } from './inventory.repository.js';
import { type ComparedLevel, StockVerificationRepository } from './stock-verification.repository.js';

/** How many levels are compared by one statement, and locked together for their repair. */
const BATCH = 500;

/** A stock level that is not the sum of its rows. */
export interface StockDifference extends ComparedLevel {
  /** What was done about it; undefined when it was only to be found. */
  repair?: StockRepair;
}

/** What was done about a difference. */
interface StockRepair {
  /** The units of the movement that was added; 0: none. */
  delta: number;
  /** The reserved units now: as many as there are on hand where more are reserved than that, which nobody can repair from here. */
  reserved: number;
  /** Whether the level is the sum of its rows now. */
  isComplete: boolean;
}

/** How many stock levels were compared, and differ; of these, how many still do. */
export interface VerificationCounts {
  levels: number;
  differing: number;
  left: number;
}

/** Finds stock levels that are not the sums of their movements and active reservations, and repairs them. */
@Injectable()
export class StockVerificationService {
  constructor(
    private readonly verification: StockVerificationRepository,
    private readonly inventory: InventoryRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Compares all levels, while the shop may run: what is committed together is read together.
   * @param isRepaired whether differences are repaired, a batch of products in one unit of work.
   * @param report is called for each difference, after its repair is committed.
   */
  async verify(isRepaired: boolean, report: (difference: StockDifference) => void): Promise<VerificationCounts> {
    const counts: VerificationCounts = { levels: 0, differing: 0, left: 0 };
    let last: string | undefined;
    do {
      const levels = await this.verification.readBatch(last, BATCH);
      const found = levels.filter(differs);
      const differences: StockDifference[] = isRepaired ? await this.repair(found) : found;
      for (const difference of differences) {
        counts.differing++;
        if (!difference.repair?.isComplete) counts.left++;
        report(difference);
      }
      counts.levels += levels.length;
      last = levels.length === BATCH ? levels.at(-1)?.productId : undefined;
    } while (last !== undefined);
    return counts;
  }

  /** Repairs what still differs once the levels are locked. Each change of a level by others is committed by then, or waits. */
  private async repair(found: readonly ComparedLevel[]): Promise<StockDifference[]> {
    if (found.length === 0) return [];
    const productIds = found.map(({ productId }) => productId);
    return this.transactions.run(async () => {
      await this.inventory.lockLevels(productIds);
      const differences = (await this.verification.readLevels(productIds))
        .filter(differs)
        .map((level) => ({ ...level, repair: repairOf(level) }));
      const levels = await this.verification.repair(
        differences.map(({ productId, onHand, repair: { delta, reserved } }) => ({
          id: uuidv7(),
          productId,
          delta,
          onHand,
          reserved,
        })),
        {
          cause: 'adjustment',
          reason: 'Verification: movements did not sum to the units on hand',
          actorId: null,
          createdAt: this.clock.now(),
        },
      );
      this.events.publishAll(StockChanged, toStockChanges(levels, 'adjustment'));
      return differences;
    });
  }
}

const differs = ({ onHand, moved, reserved, active }: ComparedLevel): boolean =>
  onHand !== moved || reserved !== active;

const repairOf = ({ onHand, moved, active }: ComparedLevel): StockRepair => ({
  delta: onHand - moved,
  reserved: Math.min(active, onHand),
  isComplete: active <= onHand,
});
