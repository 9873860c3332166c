import type { BackgroundWork } from '../common/background/background-work.js';
import { AppError } from '../common/errors/app-error.js';
import { Unavailable } from '../common/errors/errors.js';

/** How long it takes to answer, in milliseconds: well above what the work takes on a server that is not overloaded. */
export const DURATION = 200;

/**
 * Does work whose length depends on a secret (is there such an account?), and returns after the same time in every
 * case. Work that takes longer goes on in the background, so that its length shows nowhere.
 * @throws AppError 503 when too much work runs already; what the work throws, if it fails in that time.
 */
export async function withConstantDuration(
  background: BackgroundWork,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  let failure: { error: unknown } | undefined;
  const started = background.start(what, async () => {
    try {
      await work();
    } catch (error) {
      failure = { error };
      throw error;
    }
  });
  if (!started) throw new AppError(Unavailable, 'The server has too much to do.', { retryAfter: 5 });
  await new Promise((resolve) => setTimeout(resolve, DURATION));
  if (failure) throw failure.error;
}
