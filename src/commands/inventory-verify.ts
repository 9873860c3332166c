import type { INestApplicationContext } from '@nestjs/common';
import {
  type StockDifference,
  StockVerificationService,
  type VerificationCounts,
} from '../inventory/stock-verification.service.js';
import type { Verification } from './verify.js';

const HELP = `Usage: npm run inventory:verify -- [--repair]

Compares the stock of every product with its records, and names each difference:

- units on hand are the sum of the stock movements;
- reserved units are the sum of the active reservations.

  --repair   adds a stock movement where the movements do not sum to the units on hand, sets the reserved units to the sum of
             the active reservations, and names each change. No movement and no reservation is changed or deleted.
  --help     show this

The database must be up to date (npm run db:migrate). The shop may run meanwhile, except on the embedded database, which
belongs to one process.

Exit code: 0 when there is no difference, or all were repaired; 1 when there is one left.
`;

/** Verifies the stock in an application whose database is up to date. @returns the exit code. */
export async function verifyIn(
  app: INestApplicationContext,
  isRepaired: boolean,
  print: (text: string) => void,
): Promise<number> {
  const counts = await app.get(StockVerificationService).verify(isRepaired, (difference) => {
    print(
      linesOf(difference)
        .map((line) => `product ${difference.productId}: ${line}\n`)
        .join(''),
    );
  });
  print(summaryOf(counts, isRepaired));
  return counts.left === 0 ? 0 : 1;
}

/** `npm run inventory:verify`. */
export const STOCK_VERIFICATION: Verification = { help: HELP, verifyIn };

/** What is wrong with a level, and what was done about it. */
function linesOf({ onHand, moved, reserved, active, repair }: StockDifference): string[] {
  const lines: string[] = [];
  if (onHand !== moved) lines.push(`${String(onHand)} units on hand, but the movements sum to ${String(moved)}`);
  if (reserved !== active)
    lines.push(`${String(reserved)} units reserved, but the reservations sum to ${String(active)}`);
  if (!repair) return lines;
  if (repair.delta !== 0) lines.push(`added a movement of ${String(repair.delta)} units`);
  if (repair.reserved !== reserved) {
    lines.push(`set the reserved units from ${String(reserved)} to ${String(repair.reserved)}`);
  }
  if (!repair.isComplete) {
    lines.push(
      `more units are reserved than are on hand. Add ${String(active - onHand)} units, or cancel orders; then run it again`,
    );
  }
  return lines;
}

function summaryOf({ levels, differing, left }: VerificationCounts, isRepaired: boolean): string {
  const verified = `Verified ${String(levels)} products`;
  if (differing === 0) return `${verified}: no differences.\n`;
  if (!isRepaired) return `${verified}: ${String(differing)} differ. Run it with --repair to repair them.\n`;
  return `${verified}: ${String(differing)} differed, ${String(left)} still do.\n`;
}
