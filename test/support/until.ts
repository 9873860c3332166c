import { setTimeout } from 'node:timers/promises';

/** How long a condition may take to come true, in milliseconds. */
const LONGEST = 60_000;

/** Resolves as soon as a condition holds. @throws Error when it does not come true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition has not come true');
    await setTimeout(5);
  }
}
