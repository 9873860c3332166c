/** How often something is done at most: the collector and the compiler of the engine take their time now and then. */
const TRIES = 5;

/**
 * The processor time of the process while `work` is done, in milliseconds: the least of some tries, which end with the first
 * below `bound`. What costs too much costs it each time.
 */
export async function cpuTimeOf(work: () => unknown, bound: number, tries = TRIES): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < tries && least >= bound; count++) {
    const begin = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
