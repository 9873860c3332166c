import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { TakesFile, UploadedFile } from '../common/http/input/form.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { AnswersFiles, type FileAnswer } from '../common/http/output/file-answer.js';
import { CSV_TYPE } from '../common/http/syntax/accept.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { WriteProducts } from '../products/products.permissions.js';
import {
  ImportDto,
  ImportFaultPage,
  ImportFaultQuery,
  ImportPage,
  ImportQuery,
  ImportReportDto,
} from './dto/import.dto.js';
import { ImportOptionsQuery } from './dto/import-options.dto.js';
import { ImportPreviewDto } from './dto/import-preview.dto.js';
import { ImportEmpty, ImportUnreadable, ImportWithoutColumns } from './imports.errors.js';
import { MAX_CORRECTIONS, MAX_IMPORT } from './imports.limits.js';
import type { ImportedUpload } from './imports.media-types.js';
import { ImportPreview } from './imports.preview.js';
import { ImportsService } from './imports.service.js';

const LINE = '{"sku":"LANT-RED-01","name":"Red Metal Lantern","price":{"amount":1999,"currency":"GBP"}}\n';

const CSV = 'sku,name,price.amount,price.currency\nLANT-RED-01,Red Metal Lantern,1999,GBP\n';

/** What each media type that an import takes looks like. */
const EXAMPLES = {
  'text/csv': CSV,
  'text/tab-separated-values': CSV.replaceAll(',', '\t'),
  'text/plain': CSV,
  'application/vnd.ms-excel': CSV.replaceAll(',', ';'),
  'application/x-ndjson': LINE,
  'application/ndjson': LINE,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'the bytes of an XLSX workbook',
};

/** The form that has the same in a file. */
const FORM = {
  file: 'CSV, NDJSON or an XLSX workbook, by the media type of the part, or by the name of the file.',
  maxLength: MAX_IMPORT,
  example: 'products.csv',
  takesAnyName: true,
};

@About('Whole catalogues, streamed in.')
@Controller('imports')
@Permit(WriteProducts)
export class ImportsController {
  constructor(
    private readonly imports: ImportsService,
    private readonly previews: ImportPreview,
  ) {}

  /**
   * Imports products from CSV, NDJSON or an XLSX workbook.
   *
   * The response comes as soon as the body is received; `Location` is where to read the progress. Products are matched by their
   * SKU without case, so that importing a file again changes nothing. A faulty line is reported and left out.
   *
   * The text is UTF-8, UTF-16 or Windows-1252, and the fields of CSV are separated by `,`, `;`, tabs or `|`: `detected` says what the
   * beginning of the file shows. Lines above the header are skipped if it is among the first 20.
   *
   * CSV has a header line with these columns, in any order, case and spacing: `sku`, `name`, and `price` in major units (`19.99`,
   * `1.299,95 €`) or `price.amount` in minor units (1999 is £19.99). The currency is named by the column `price.currency`, by a
   * code or an unambiguous sign in the cell of `price`, or by the option `currency`. Optional are `description`, `categories` (paths
   * such as `Home & Garden > Lanterns`, separated by `|`, compared without case; `\>` and `\|` stand for these signs in a name), `stock` (units on hand), `status` (`draft`, `active`, `archived`) and
   * `attributes.<name>`, a column of one type: numbers or truth values if all its first cells are, else text; `:text` at the end of its
   * name decides it. A number that can be read in two ways, as `1.299`, is a fault without the option `locale`.
   *
   * Exports of Shopify and WooCommerce and feeds of Google Merchant Center are known by their columns; the German and other common names of
   * spreadsheets are, too. Map others by the option `mapping`, and look at `POST /imports/preview` first. Other columns are
   * skipped, and listed in `skippedColumns`, or become attributes by the option `unknownColumns`. Variants are put into product
   * families by the key that the file has for them.
   *
   * What a file does not name stays as it is: `sku` and `stock` alone update the stock. Only a new product needs a name and a price. The
   * first line of a SKU counts, and each later one is a fault, unless the option `duplicates` is `last`. With `dryRun=true`
   * nothing is written.
   *
   * NDJSON has one JSON object on each line, with the members of a product, `categories` as paths, and `stock`.
   *
   * A workbook has such a table in its first sheet, or in the one that `sheet` names; a row is a line. Its cells are read as what they
   * are: numbers and dates as they are stored, formulas by their last results. `GET /products/export` writes files of all three formats.
   * A form (`multipart/form-data`) has one file, in a part of any name.
   *
   * Photos are imported by the command `npm run import` alone.
   */
  @Post()
  @HttpCode(202)
  @TakesFile(EXAMPLES, FORM)
  @Problems(ImportEmpty, ImportUnreadable)
  create(
    @UploadedFile() file: ImportedUpload,
    @Query() options: ImportOptionsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ImportDto> {
    return this.imports.receive(file, options, caller);
  }

  /**
   * Previews an import: reads the first 100 lines, and writes nothing.
   *
   * Takes the bodies and the options of an import. Says how the file is written, what each column is taken for, what is wrong, and
   * how the first products would be. Columns that are missing are faults here, not errors: name them by the option `mapping`.
   */
  @Post('preview')
  @HttpCode(200)
  @TakesFile(EXAMPLES, FORM)
  @Problems(ImportEmpty, ImportUnreadable)
  preview(@UploadedFile() file: ImportedUpload, @Query() options: ImportOptionsQuery): Promise<ImportPreviewDto> {
    return this.previews.read(file, options);
  }

  /** Lists imports, the newest first. */
  @Get()
  list(@Query() query: ImportQuery): Promise<ImportPage> {
    return this.imports.list(query);
  }

  /** Returns an import: its progress, and the faults of its first faulty lines. */
  @Get(':id')
  read(@Param('id', IdPipe) id: string): Promise<ImportReportDto> {
    return this.imports.read(id);
  }

  /** Lists the faults of an import, by line. */
  @Get(':id/faults')
  faults(@Param('id', IdPipe) id: string, @Query() query: ImportFaultQuery): Promise<ImportFaultPage> {
    return this.imports.listFaults(id, query);
  }

  /**
   * Downloads the lines of a CSV file that were left out.
   *
   * The header and the lines are as they were, in UTF-8; the last column says what is wrong. Correct the lines in a spreadsheet and import
   * the result as it is: the column is skipped. A cell that a spreadsheet would take for a formula begins with an apostrophe, which the
   * import takes off again. The lines of the first 10,000 faults are kept, up to 4 MiB, but for those that are longer than 256 KiB.
   */
  @Get(':id/faulty-lines')
  @AnswersFiles([CSV_TYPE], MAX_CORRECTIONS)
  @Problems(ImportWithoutColumns)
  faultyLines(@Param('id', IdPipe) id: string): Promise<FileAnswer> {
    return this.imports.showFaultyLines(id);
  }
}
