import { type Progress, startProgress } from '../../src/common/cli/progress.js';
import { StartError } from '../../src/common/config/start-error.js';
import { type InvoiceLine, readInvoiceLines } from '../demo/invoice-files.js';
import type { Options } from './options.js';
import { faultsOf, type Plan, planOf } from './plan.js';
import { play } from './play.js';
import { reconcile } from './reconciliation.js';
import { describePlan, describeReconciliation } from './report.js';
import { type Credentials, ShopClient } from './shop-client.js';
import { findReplayed, openCustomers, openProducts, type Work } from './world.js';

/** Where results go, and who ends the replay early. */
export interface Terminal {
  print: (text: string) => void;
  signal: AbortSignal;
  /** Where progress is shown; standard error by default. */
  progress?: NodeJS.WritableStream;
  /** Milliseconds. */
  now?: () => number;
}

/**
 * Replays the files and compares the result.
 * @param credentials are asked for only when a shop is.
 * @returns the exit code.
 * @throws StartError for what the person at the terminal can fix; the reason of the signal when that ends it.
 */
export async function replay(options: Options, credentials: () => Credentials, terminal: Terminal): Promise<number> {
  const { print, now = Date.now } = terminal;
  const lines = await readAll(options.files, terminal);
  const plan = planOf(lines);
  print(describePlan(plan));
  const faults = faultsOf(plan);
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  if (options.planOnly) return 0;

  const shop = await ShopClient.signIn(options.url, credentials(), terminal.signal);
  const step = stepper(shop, options.concurrency, terminal);
  const startedAt = now();
  await playAll(step, plan, lines);
  const seconds = Math.max(1, Math.round((now() - startedAt) / 1000));
  const rate = ((plan.orders.length + plan.refunds.length) / seconds).toFixed(1);
  print(`\nReplayed in ${String(seconds)} seconds: ${rate} orders and refunds a second.\n\n`);

  const skus = new Set(plan.orders.flatMap(({ items }) => items.map(({ sku }) => sku)));
  const result = await step('Comparing the stock', 'products', skus.size, (work) => reconcile(work, plan));
  print(describeReconciliation(result));
  return result.differences.length === 0 ? 0 : 1;
}

async function readAll(files: readonly string[], { signal, progress: stream }: Terminal): Promise<InvoiceLine[]> {
  const lines: InvoiceLine[] = [];
  const progress = startProgress({ label: 'Reading invoices', unit: 'lines', stream });
  try {
    for (const file of files) {
      for await (const line of readInvoiceLines(file)) {
        signal.throwIfAborted();
        progress.update(lines.push(line));
      }
    }
  } finally {
    progress.stop();
  }
  return lines;
}

type Step = <T>(label: string, unit: string, total: number | undefined, run: (work: Work) => Promise<T>) => Promise<T>;

/** Makes what runs a step of the replay and shows how far it is. */
function stepper(shop: ShopClient, workers: number, { signal, progress: stream }: Terminal): Step {
  return async (label, unit, total, run) => {
    const progress: Progress = startProgress({ label, unit, total, stream });
    let done = 0;
    const tick = (): void => {
      progress.update(++done);
    };
    try {
      return await run({ shop, workers, signal, tick });
    } finally {
      progress.stop();
    }
  };
}

async function playAll(step: Step, plan: Plan, lines: readonly InvoiceLine[]): Promise<void> {
  const products = await step('Creating products', 'products', undefined, (work) => openProducts(work, plan, lines));
  const customers = await step('Inviting customers', 'customers', undefined, (work) => openCustomers(work, plan));
  const found = await step('Looking for earlier runs', 'orders', undefined, (work) => findReplayed(work, plan));
  const total = plan.orders.length + plan.refunds.length;
  await step('Replaying', 'orders and refunds', total, (work) => play(work, plan, { products, customers, found }));
}
