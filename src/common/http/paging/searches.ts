import { TooBusy, TooSlow } from '../../database/search-connections.js';
import { Problem } from '../../errors/problem.js';
import { SearchTooSlow, Unavailable } from '../../errors/problems.js';

/** Runs a search and says what became of it: 422 when it was cancelled for its length, 503 when it did not begin in time. */
export async function explainSearch<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooSlow) throw new Problem(SearchTooSlow, 'The search took too long.', {}, { cause: error });
    if (error instanceof TooBusy) {
      throw new Problem(Unavailable, 'Too many searches are running.', {}, { cause: error });
    }
    throw error;
  }
}
