/**
 * Does the work for each item, so many at once, in their order. The first failure ends it: what has begun is finished, nothing else begins.
 * @throws the first failure, or the reason of the signal.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  workers: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  // one iterator for all: each item goes to the first worker that is free
  const queue = items[Symbol.iterator]();
  const next = (): IteratorResult<T, unknown> => {
    signal.throwIfAborted();
    return failures.length > 0 ? { done: true, value: undefined } : queue.next();
  };
  const run = async (): Promise<void> => {
    try {
      for (let item = next(); !item.done; item = next()) await work(item.value);
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: workers }, run));
  if (failures.length > 0) throw failures[0];
}
