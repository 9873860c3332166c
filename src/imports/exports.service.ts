import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { InvalidParameter } from '../common/errors/errors.js';
import type { Download } from '../common/http/output/download.js';
import { preferredOf } from '../common/http/output/file-answer.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import { type Exported, type ExportedProduct, ProductsExportService } from '../products/products.export.service.js';
import { EXPORT_TYPES, type ExportFormat, type ProductExportQuery } from './dto/product-export.dto.js';
import { columnsFor, objectOf, tableOf } from './export.columns.js';
import { csvOf } from './export.csv.js';
import { xlsxOf } from './export.xlsx.js';
import { MAX_FIELDS } from './reader.csv.js';

/** The most products of a sheet: it has 1,048,576 rows, and a header. */
const MAX_XLSX = 1_048_575;

/** Writes catalogues as files that an import takes, in constant memory. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly products: ProductsExportService,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens an export of all that filters mean to the caller.
   * @param accept the `Accept` of the request, which decides where no format is asked for.
   * @throws AppError as the list of products does, and 400 where the format cannot have all of it.
   */
  async open(
    { format, ...filters }: ProductExportQuery,
    accept: string | undefined,
    caller: Caller,
  ): Promise<Download> {
    const chosen = format ?? formatOf(accept);
    const time = this.clock.now();
    const content = await this.write(chosen, await this.products.open(filters, caller), time);
    return { type: typeOf(chosen), name: `products-${time.toISOString().slice(0, 10)}.${chosen}`, content };
  }

  private async write(format: ExportFormat, products: Exported, time: Date): Promise<Readable> {
    if (format === 'ndjson') return Readable.from(linesOf(products.batches()), { objectMode: false });
    const most = format === 'xlsx' ? MAX_XLSX : Infinity;
    const { count, attributes } = await products.survey(most);
    if (count > most) {
      throw unfit('rows', `a sheet has at most ${String(most)} products: filter them, or export csv or ndjson`);
    }
    const columns = columnsFor(attributes);
    if (columns.length > MAX_FIELDS) {
      throw unfit(
        'columns',
        `the products have so many attributes that there are ${String(columns.length)} columns, and an import takes ` +
          `${String(MAX_FIELDS)}: filter them, or export ndjson`,
      );
    }
    const table = tableOf(columns, products.batches());
    return format === 'xlsx' ? xlsxOf(table, time) : Readable.from(csvOf(table), { objectMode: false });
  }
}

const FORMATS = Object.keys(EXPORT_TYPES).filter((format): format is ExportFormat => format in EXPORT_TYPES);

/** The format that a client prefers. */
function formatOf(accept: string | undefined): ExportFormat {
  const [type] = preferredOf(Object.values(EXPORT_TYPES), accept);
  return FORMATS.find((format) => EXPORT_TYPES[format] === type) ?? 'csv';
}

const typeOf = (format: ExportFormat): string =>
  format === 'csv' ? `${EXPORT_TYPES.csv}; charset=utf-8; header=present` : EXPORT_TYPES[format];

async function* linesOf(batches: AsyncIterable<ExportedProduct[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map((product) => `${JSON.stringify(objectOf(product))}\n`).join('');
}

const unfit = (code: string, detail: string): AppError =>
  new AppError(InvalidParameter, 'The format cannot have all that is asked for.', {
    errors: [{ parameter: 'format', code, detail }],
  });
