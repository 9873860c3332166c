import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { startProgress } from '../common/cli/progress.js';
import { runCommand } from '../common/cli/run-command.js';
import { Config } from '../common/config/config.js';
import { loadConfig } from '../common/config/load-config.js';
import { StartError } from '../common/config/start-error.js';
import { ensureMigrated } from '../common/database/migrate.js';
import { readInput } from '../common/http/input/read-input.js';
import type { BatchOutcome } from '../imports/importer.service.js';
import { type ImportDetectedDto, ImportFaultQuery } from '../imports/dto/import.dto.js';
import { ImportOptionsQuery } from '../imports/dto/import-options.dto.js';
import { MAX_KEPT_FAULTS } from '../imports/entities/import.entity.js';
import type { PhotoOrigins } from '../imports/imports.photos.js';
import { type ImportedFile, ImportLifecycle, LeaseLost } from '../imports/imports.lifecycle.js';
import { ImportsService } from '../imports/imports.service.js';
import { ImportWorker } from '../imports/imports.worker.js';
import { PhotoFolder } from '../imports/photo-folder.js';
import { UnreadableFileError } from '../imports/reader.errors.js';
import { IMPORT_FORMATS, type ImportFormat } from '../imports/reader.js';
import { IMPORT_EXTENSIONS, recognize } from '../imports/reader.kind.js';

const HELP = `Usage: npm run import -- <file> [--format csv|ndjson|xlsx] [--restart] [--photos <folder>]
                               [--fetch-photos] [--mapping <column>=<member>]...
                               [--currency <code>] [--locale <tag>] [--sheet <name>]
                               [--unknown-columns skip|attributes] [--duplicates first|last] [--dry-run]

Imports products from a CSV, NDJSON or XLSX file. Products are found by SKU, so importing a file again changes nothing. A line
with a fault is reported and left out. Run an interrupted import again to continue it.

  <file>          e.g. products.csv; - reads standard input
  --format        csv, ndjson or xlsx; needed when the file name does not end in .csv, .tsv, .txt, .ndjson, .jsonl or .xlsx
  --sheet         the sheet of a workbook: its name, or its number among those that are shown; the first one by default
  --restart       start at the first line, even if an earlier run was interrupted
  --photos        the folder that the file names in the column photos are relative to
  --fetch-photos  download the URLs in the column photos
  --mapping       what a column is, e.g. Title=name; repeat it, or separate several by commas (\\, is a comma in a name)
  --currency      the currency of prices that name none, e.g. EUR
  --locale        how numbers are written: a language tag, e.g. de-DE
  --unknown-columns  skip, or attributes to keep them as attributes of the product
  --duplicates    first (default): of lines with one SKU the first counts, each later one is a fault; last: the last one stays
  --dry-run       write nothing, but report what would be created, updated and left as it is, and all faults
  --help          show this help

CSV: a header names the columns, at most 200, in any order. Required: sku, and for a new product name and a price. What a
file does not name stays: sku and stock alone update the stock.
price is in major units (19.99, 1.299,95 €); price.amount is in minor units, digits only: write 1999 for GBP 19.99. Name the
currency in the column price.currency by its ISO 4217 code, in the cell of price, or by --currency. A number that can be read in
two ways, as 1.299, is a fault without --locale.
Optional: description, categories (paths such as Home & Garden > Lanterns, separated by |; without case; \\> and \\| stand for
these signs in a name), stock, status (draft, active or archived) and attributes.<name>: numbers or true and false if all first
cells are, else text; attributes.<name>:text decides it.
Names may be in any case, with spaces, dots, _ or - between words. Exports of Shopify and WooCommerce, feeds of Google Merchant
Center, and common English and German names (Artikelnummer, Preis) are known; map others by --mapping. Unknown columns are reported
and skipped, unless --unknown-columns attributes is given.
NDJSON: one JSON object on each line, with the members of the API, but categories as an array of paths.
XLSX: a table as in CSV, in one sheet. Numbers and dates are read as they are stored, formulas by their last results.
With --photos or --fetch-photos there may be a column photos: file names or http(s) URLs, at most 20, separated by |; in
NDJSON an array. Write | in a URL as %7C. Photos are added in order behind those that the product has; one that it has
already is not added again. A photo that can't be read is reported; its product stays imported. URLs lead to addresses on
the internet only, with port 80 or 443, and may redirect 3 times. A photo has at most 20 MiB.
A line has at most 256 KiB. The text is UTF-8, UTF-16 or Windows-1252; fields are separated by commas, semicolons, tabs or
pipes. Both are found out from the beginning of the file. Lines above the header are skipped if it is among the first 20.

With the embedded database, stop the shop first or use POST /imports: one process uses the data folder at a time.

Exit code: 0 when all lines and photos were imported, 1 when some were left out or the import failed.
`;

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'pipes',
};

/** How the names of columns are called that are not ours. */
const COLUMN_NAMES: Readonly<Record<string, string>> = {
  shopify: 'Shopify',
  woocommerce: 'WooCommerce',
  'google-merchant': 'Google Merchant Center',
};

/** The flags of options that are named otherwise over HTTP. */
const FLAGS: Readonly<Record<string, string>> = {
  mapping: '--mapping',
  currency: '--currency',
  locale: '--locale',
  sheet: '--sheet',
  unknownColumns: '--unknown-columns',
  duplicates: '--duplicates',
  dryRun: '--dry-run',
};

/** What is to be imported, and how many lines it has, where it can be read twice. */
interface Source extends ImportedFile {
  path: string;
  lines?: number;
}

await runCommand(main);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      restart: { type: 'boolean', default: false },
      photos: { type: 'string' },
      'fetch-photos': { type: 'boolean', default: false },
      mapping: { type: 'string', multiple: true },
      currency: { type: 'string' },
      locale: { type: 'string' },
      sheet: { type: 'string' },
      'unknown-columns': { type: 'string' },
      duplicates: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new StartError('Name one file to import. --help shows how.');
  const { mapping, currency, locale, sheet, 'unknown-columns': unknownColumns, duplicates, 'dry-run': dryRun } = values;
  const options = optionsOf({ mapping, currency, locale, sheet, unknownColumns, duplicates, dryRun });
  const source = await sourceOf(path, formatOf(path, values.format), options);
  const photos = await originsOf(values.photos, values['fetch-photos']);
  // Lines of the log would stand among those of the report.
  const config = Object.assign(new Config(), loadConfig(), { logLevel: 'silent' });
  // only now, as in main.ts
  const { createApp } = await import('../app.js');
  const app = await createApp(config);
  try {
    await ensureMigrated(config, app.get(DataSource));
    await importFile(app, source, values.restart, photos);
  } finally {
    await app.close();
  }
}

/** Where photos come from; undefined when there are to be none. */
async function originsOf(folder: string | undefined, isFetching: boolean): Promise<PhotoOrigins | undefined> {
  if (folder === undefined) return isFetching ? { isFetching } : undefined;
  return { folder: await PhotoFolder.open(folder), isFetching };
}

/** The options as flags, by the rules of those of POST /imports. @throws StartError naming what is wrong. */
function optionsOf(flags: object): ImportOptionsQuery {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const read = readInput(ImportOptionsQuery, given, 'query');
  if ('value' in read) return read.value;
  const faults = read.faults.map(({ path: [name = ''], detail }) => `${FLAGS[name] ?? name} ${detail}.`);
  throw new StartError(`${faults.join(' ')} --help shows how.`);
}

function formatOf(path: string, given: string | undefined): ImportFormat {
  const format =
    given === undefined
      ? IMPORT_EXTENSIONS[extname(path).toLowerCase()]
      : IMPORT_FORMATS.find((known) => known === given);
  if (format) return format;
  throw new StartError(
    given === undefined
      ? `The format of ${path} is unknown. Add --format csv, ndjson or xlsx.`
      : `The format ${given} is unknown. Use csv, ndjson or xlsx.`,
  );
}

async function sourceOf(path: string, declared: ImportFormat, options: ImportOptionsQuery): Promise<Source> {
  if (path === '-') {
    return { path, name: 'standard input', format: declared, options, fingerprint: null, bytes: null };
  }
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new StartError(
      found ? `${path} is not a file. Name a CSV, NDJSON or XLSX file.` : `The file ${path} does not exist.`,
    );
  const format = await formatIn(path, declared);
  // Read once beforehand: by all that is in it, a file is known again, and progress knows where it ends.
  const hash = createHash('sha256').update(format).update(JSON.stringify(options));
  let [lf, cr, last] = [0, 0, 0x0a];
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.from(chunk as Uint8Array);
    hash.update(bytes);
    lf += countOf(bytes, 0x0a);
    cr += countOf(bytes, 0x0d);
    last = bytes.at(-1) ?? last;
  }
  // an estimate, for the progress alone: lines end with LF or with CR, and in UTF-16 other characters have these bytes, too
  const lines = format === 'xlsx' ? undefined : Math.max(lf, cr) + (last === 0x0a || last === 0x0d ? 0 : 1);
  return { path, name: basename(path), format, options, fingerprint: hash.digest('hex'), bytes: found.size, lines };
}

/** The format of a file by its first bytes. @throws StartError for a workbook that is not read. */
async function formatIn(path: string, declared: ImportFormat): Promise<ImportFormat> {
  try {
    const { format, bytes } = await recognize(createReadStream(path), declared);
    await bytes.return(undefined);
    return format;
  } catch (error) {
    throw error instanceof UnreadableFileError ? new StartError(error.message) : error;
  }
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count++;
  return count;
}

async function importFile(
  app: NestFastifyApplication,
  source: Source,
  restart: boolean,
  photos: PhotoOrigins | undefined,
): Promise<void> {
  const { path, lines, ...file } = source;
  const job = await app.get(ImportLifecycle).open(file, restart);
  const { linesDone } = job;
  if (linesDone > 0) process.stderr.write(`Continuing after line ${String(linesDone)}, where the last run ended.\n`);
  let interrupted = false;
  let [added, present] = [0, 0];
  process.once('SIGINT', () => (interrupted = true)).once('SIGTERM', () => (interrupted = true));
  // What was done before took this run no time.
  const total = lines === undefined ? undefined : lines - linesDone;
  const progress = startProgress({ label: 'Importing', unit: 'lines', total });
  const stream = path === '-' ? process.stdin : createReadStream(path);
  const follow = ({ lastLine, photos: ofBatch }: BatchOutcome): boolean => {
    progress.update(lastLine - linesDone);
    added += ofBatch?.added ?? 0;
    present += ofBatch?.present ?? 0;
    return !interrupted;
  };
  try {
    await app.get(ImportWorker).execute(job, stream, follow, photos);
  } catch (error) {
    throw error instanceof LeaseLost ? new StartError(error.message) : error;
  } finally {
    progress.stop();
  }
  if (photos) process.stdout.write(`Photos: ${String(added)} added, ${String(present)} already there\n`);
  await report(app.get(ImportsService), job.id);
}

function describe({ encoding, delimiter, format }: ImportDetectedDto): string {
  const columns = format === 'stockroom' ? '' : `, with ${COLUMN_NAMES[format] ?? format} columns`;
  return delimiter === null
    ? `Read as ${encoding}`
    : `Read as ${encoding}, separated by ${DELIMITER_NAMES[delimiter] ?? delimiter}${columns}`;
}

async function report(imports: ImportsService, id: string): Promise<void> {
  const { state, fileFormat, counts, failure, progress, detected, skippedColumns, options } = await imports.read(id);
  if (detected) process.stdout.write(`${fileFormat === 'xlsx' ? 'Read as a workbook' : describe(detected)}\n`);
  if (skippedColumns.length > 0) process.stderr.write(`Unknown columns, skipped: ${skippedColumns.join(', ')}\n`);
  let cursor: string | undefined;
  do {
    const { data, page } = await imports.listFaults(id, Object.assign(new ImportFaultQuery(), { limit: 100, cursor }));
    for (const { line, column, detail } of data) {
      process.stderr.write(`line ${String(line)}${column === null ? '' : `, ${column}`}: ${detail}\n`);
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  process.stdout.write(
    `${String(counts.created)} created, ${String(counts.updated)} updated, ${String(counts.unchanged)} unchanged, ${String(counts.faulty)} faulty\n`,
  );
  if (options.dryRun)
    process.stdout.write('This was a dry run: nothing was written, and the numbers say what would be.\n');
  if (counts.faults > MAX_KEPT_FAULTS) {
    process.stderr.write(`The first ${String(MAX_KEPT_FAULTS)} of ${String(counts.faults)} faults are shown above.\n`);
  }
  if (failure !== null) process.stderr.write(`${failure}\n`);
  if (state === 'running')
    process.stderr.write(`Interrupted after line ${String(progress.lines)}. Run it again to continue.\n`);
  if (state !== 'finished' || counts.faults > 0) process.exitCode = 1;
}
