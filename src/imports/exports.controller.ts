import { Controller, Get, Query } from '@nestjs/common';
import { SearchTooSlow } from '../common/errors/errors.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Limited } from '../common/http/limits/limits.js';
import { AnswersDownloads, type Download } from '../common/http/output/download.js';
import { Accepted } from '../common/http/output/file-answer.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { WriteProducts } from '../products/products.permissions.js';
import { EXPORT_TYPES, ProductExportQuery } from './dto/product-export.dto.js';
import { ExportsService } from './exports.service.js';
import { Exports } from './imports.limits.js';

@About('What the shop sells.')
@Controller('products/export')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  /**
   * Exports products as a file that an import takes.
   *
   * All products that the filters mean, of every status, from the oldest to the newest: as CSV, NDJSON, or an XLSX workbook. To
   * import the file again changes nothing. Each product is as it is when its line is written: the file is no snapshot of one moment.
   *
   * The columns are `sku`, `name`, `description`, `price.amount`, `price.currency`, `categories`, `stock`, `status` and
   * `attributes.<name>:<type>` of all attributes that the products have. In CSV a text that a spreadsheet would compute has an
   * apostrophe before it, which an import takes off. Photos are not exported. A connection that is cut before the file's end was cut
   * because of a failure.
   */
  @Get()
  @Permit(WriteProducts)
  @Limited(Exports)
  @AnswersDownloads(Object.values(EXPORT_TYPES))
  @Problems(SearchTooSlow)
  download(
    @Query() query: ProductExportQuery,
    @Accepted() accept: string | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<Download> {
    return this.exports.open(query, accept, caller);
  }
}
