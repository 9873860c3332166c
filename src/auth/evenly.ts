import { setTimeout as delay } from 'node:timers/promises';

/** How long an answer takes at least that must not tell whether an account exists, in milliseconds. */
const FLOOR = 100;

/** Does work whose length depends on a secret, and takes no less than the floor for it: it lies well above what the work takes. */
export async function evenly(work: () => Promise<void>): Promise<void> {
  await Promise.all([work(), delay(FLOOR)]);
}
