/** Does something with each item, with so many of them at a time; an item is taken when its turn comes. @returns the results, in the order of the items. */
export async function inParallel<T, R>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const iterator = items[Symbol.iterator]();
  let count = 0;
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const index = count++;
      results[index] = await work(next.value, index);
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
}

/** Does something so many times at once. @returns the results, in their order. */
export const atOnce = <R>(times: number, work: (n: number) => Promise<R>): Promise<R[]> =>
  Promise.all(Array.from({ length: times }, (_, n) => work(n)));
