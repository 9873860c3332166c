import { TooBusy, TooSlow } from '../../database/search-connections.js';
import { AppError } from '../../errors/app-error.js';
import { SearchTooSlow, Unavailable } from '../../errors/errors.js';

/** Runs a search and says what became of it: 422 when it was cancelled for its length, 503 when it did not begin in time. */
export async function explainSearch<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooSlow) throw new AppError(SearchTooSlow, 'The search took too long.', {}, { cause: error });
    if (error instanceof TooBusy) {
      throw new AppError(Unavailable, 'Too many searches are running.', {}, { cause: error });
    }
    throw error;
  }
}
