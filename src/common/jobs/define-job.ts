/** How jobs of a kind are executed. */
export interface JobOptions {
  /** How often a job is begun at most; then it is dead, and waits for staff. */
  readonly attempts: number;
  /** The pause before the second attempt, in seconds; each further one is twice as long. */
  readonly firstPause: number;
  /** The longest pause, in seconds. */
  readonly maxPause: number;
  /** How many jobs of the kind one process executes at a time. */
  readonly concurrency: number;
  /**
   * After how many seconds without a sign of life a process is taken to be dead, and another one begins its job again. The clocks
   * of processes differ by less.
   */
  readonly lease: number;
  /** After how many seconds an attempt fails, whether or not its handler has returned; 0 for a kind that may take any time. */
  readonly timeout: number;
}

/** One kind of job; `Data` is what a job of it is given, as JSON has it. */
export interface JobKind<Data = unknown> extends JobOptions {
  readonly name: string;
  /** Only for the compiler: never set. */
  readonly data?: Data;
}

const DEFAULTS: JobOptions = { attempts: 10, firstPause: 5, maxPause: 3600, concurrency: 1, lease: 30, timeout: 300 };

const names = new Set<string>();

/**
 * Defines a kind of job, once, beside the feature that handles it.
 * @param name `feature.verb`; rows have it, so it does not change once released.
 * @throws Error when there is a kind of this name already.
 */
export function defineJob<Data>(name: `${string}.${string}`, options: Partial<JobOptions> = {}): JobKind<Data> {
  if (names.has(name)) throw new Error(`the job ${name} is defined twice`);
  names.add(name);
  return Object.freeze({ name, ...DEFAULTS, ...options });
}

/** The nominal pause after an attempt that failed, in seconds: 5, 10, 20 … */
export const pauseAfter = ({ firstPause, maxPause }: JobOptions, attempt: number): number =>
  Math.min(maxPause, firstPause * 2 ** (attempt - 1));

/** A pause with up to a quarter more or less, so that jobs that failed together are not tried again together. */
export const withJitter = (seconds: number): number => seconds * (0.75 + Math.random() / 2);
