import cliProgress from 'cli-progress';

const LINE_INTERVAL_MS = 2000;
const count = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** What is being counted. `total` may be left out when it is not known beforehand. */
export interface ProgressOptions {
  /** What is being done: `Reading invoices`. */
  label: string;
  /** How many units there are in all, when known. */
  total?: number;
  /** The plural of what is counted: `lines`, `products`. */
  unit: string;
  /** Where to show it; standard error by default, so that standard output stays clean for results. */
  stream?: NodeJS.WritableStream & { isTTY?: boolean };
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** A progress display that has been started. */
export interface Progress {
  /** Says how many units are done in all (not how many more). Cheap enough to be called for each unit. */
  update(done: number): void;
  /** Shows the final count and lets go of the terminal. Call it also when the work fails; a second call does nothing. */
  stop(): void;
}

/**
 * Shows how far a long command is: on a terminal a bar that redraws in place (a counter when the total is unknown),
 * elsewhere (a log, a pipe) a plain line at most every two seconds and one at the end. Both carry the count and the
 * rate per second.
 *
 * @example
 * const progress = startProgress({ label: 'Importing', total: 50_000, unit: 'products' });
 * try {
 *   for (const [index, product] of products.entries()) {
 *     await save(product);
 *     progress.update(index + 1);
 *   }
 * } finally {
 *   progress.stop();
 * }
 */
export function startProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  return stream.isTTY === true ? startBar(options, stream) : startLines(options, stream);
}

function startBar(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const now = options.now ?? Date.now;
  const startedAt = now();
  const bar = new cliProgress.SingleBar(
    {
      stream,
      // So set, the bar changes no setting of the terminal, and Ctrl-C can end the command at any moment.
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
      barsize: 20,
      format: (barOptions, { progress, value }) => {
        const drawn = options.total === undefined ? '' : ` [${cliProgress.Format.BarFormat(progress, barOptions)}]`;
        return `${options.label}${drawn} ${describe(options, value, now() - startedAt)}`;
      },
    },
    cliProgress.Presets.legacy,
  );
  bar.start(options.total ?? 0, 0);
  return {
    update: (done) => {
      bar.update(done);
    },
    stop: () => {
      bar.stop();
    },
  };
}

function startLines(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const now = options.now ?? Date.now;
  const startedAt = now();
  let lastLineAt = startedAt;
  let latest = 0;
  let stopped = false;

  const print = (at: number): void => {
    lastLineAt = at;
    stream.write(`${options.label}: ${describe(options, latest, at - startedAt)}\n`);
  };
  return {
    update(done) {
      latest = done;
      const at = now();
      if (!stopped && at - lastLineAt >= LINE_INTERVAL_MS) {
        print(at);
      }
    },
    stop() {
      if (!stopped) {
        stopped = true;
        print(now());
      }
    },
  };
}

function describe({ total, unit }: ProgressOptions, done: number, elapsedMs: number): string {
  const of = total === undefined ? '' : ` of ${count.format(total)}`;
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  return `${count.format(done)}${of} ${unit}, ${count.format(rate)}/s`;
}
