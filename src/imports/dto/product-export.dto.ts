import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { ProductQuery } from '../../products/dto/product-query.dto.js';

/** The formats of exports, and the media type of each. */
export const EXPORT_TYPES = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
const EXPORT_FORMATS = ['csv', 'ndjson', 'xlsx'] as const satisfies (keyof typeof EXPORT_TYPES)[];
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which products to export, and how. */
export class ProductExportQuery extends OmitType(ProductQuery, ['limit', 'cursor', 'include', 'sort', 'collapse']) {
  /** The format of the file; without it, the one that `Accept` prefers: `csv` where it prefers none. */
  @ApiPropertyOptional({ enum: EXPORT_FORMATS })
  @IsOptional()
  @IsIn(EXPORT_FORMATS)
  format?: ExportFormat;
}
