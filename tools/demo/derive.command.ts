import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startProgress } from '../../src/common/cli/progress.js';
import { runCommand } from '../../src/common/cli/run-command.js';
import { toCsv } from './catalogue-csv.js';
import { CatalogueDerivation, type DerivedCatalogue } from './derive.js';
import { InputError, listInvoiceFiles, readInvoiceLines } from './invoice-files.js';
import { describeCatalogue } from './report.js';

const DEFAULT_OUT = 'src/demo/data/catalogue.csv';
const USAGE = `Usage: npm run demo:derive -- <folder> [--out <file>]

Derives the demo shop's catalogue from the monthly invoice files (*.csv, *.csv.gz) in <folder>.
How, and what is left out: docs/demo-catalogue.md

  --out <file>  where to write it (${DEFAULT_OUT})
  --help        show this
`;

await runCommand(main);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: DEFAULT_OUT }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    throw new InputError('name the one folder with the monthly files (--help shows how)');
  }
  const catalogue = await deriveFrom(await listInvoiceFiles(folder));
  await writeFile(values.out, toCsv(catalogue.products));
  process.stdout.write(`${describeCatalogue(catalogue)}\nWritten to ${values.out}\n`);
}

async function deriveFrom(files: readonly string[]): Promise<DerivedCatalogue> {
  const derivation = new CatalogueDerivation();
  const progress = startProgress({ label: 'Reading invoices', unit: 'lines' });
  let lines = 0;
  try {
    for (const file of files) {
      for await (const line of readInvoiceLines(file)) {
        derivation.add(line);
        progress.update(++lines);
      }
    }
  } finally {
    progress.stop();
  }
  return derivation.finish();
}
