import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startProgress } from '../../src/common/cli/progress.js';
import { runCommand } from '../../src/common/cli/run-command.js';
import { toCsv } from './catalogue-csv.js';
import { planOf } from '../replay/plan.js';
import { catalogueOf } from './derive.js';
import { deriveOrders, toOrdersCsv } from './derive-orders.js';
import { InputError, type InvoiceLine, listInvoiceFiles, readInvoiceLines } from './invoice-files.js';
import { describeCatalogue } from './report.js';

const DEFAULT_OUT = 'src/demo/data/catalogue.csv';
const DEFAULT_ORDERS = 'src/demo/data/orders.csv';
const USAGE = `Usage: npm run demo:derive -- <folder> [--out <file>] [--orders <file>]

Derives the demo shop's catalogue and orders from the monthly invoice files (*.csv, *.csv.gz) in <folder>.
How, and what is left out: docs/demo-catalogue.md

  --out <file>     where to write the catalogue (${DEFAULT_OUT})
  --orders <file>  where to write the orders (${DEFAULT_ORDERS})
  --help           show this
`;

await runCommand(main);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: DEFAULT_OUT },
      orders: { type: 'string', default: DEFAULT_ORDERS },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    throw new InputError('name the one folder with the monthly files (--help shows how)');
  }
  const lines = await readAll(await listInvoiceFiles(folder));
  const catalogue = catalogueOf(lines);
  const orders = deriveOrders(planOf(lines), catalogue.products);
  await writeFile(values.out, toCsv(catalogue.products));
  await writeFile(values.orders, toOrdersCsv(orders));
  const count = new Set(orders.map(({ order }) => order)).size;
  process.stdout.write(
    `${describeCatalogue(catalogue)}\n${String(count)} orders\n\nWritten to ${values.out} and ${values.orders}\n`,
  );
}

async function readAll(files: readonly string[]): Promise<InvoiceLine[]> {
  const progress = startProgress({ label: 'Reading invoices', unit: 'lines' });
  const lines: InvoiceLine[] = [];
  try {
    for (const file of files) {
      for await (const line of readInvoiceLines(file)) progress.update(lines.push(line));
    }
  } finally {
    progress.stop();
  }
  return lines;
}
