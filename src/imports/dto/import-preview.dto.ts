import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, MaxLength, Min } from 'class-validator';
import { type Attributes, AttributesProperty } from '../../common/attributes/attributes.js';
import { MoneyDto } from '../../common/money/money.dto.js';
import type { BulkProduct } from '../../products/products.bulk.service.js';
import { pathOf } from '../reader.paths.js';
import { IMPORT_FORMATS, type ImportFormat } from '../reader.js';
import { ImportDetectedDto, ImportFaultDto } from './import.dto.js';

/** How many products are shown. */
export const SHOWN_PRODUCTS = 5;
/** How many faults are shown: all of a hundred lines, with some twenty each. */
export const SHOWN_FAULTS = 2500;

const STATUSES = ['draft', 'active', 'archived'] as const;

/** A column of a file, and what an import takes it for. */
export class ImportColumnDto {
  /**
   * As the header names it.
   * @example "Variant Price"
   */
  @MaxLength(100)
  column: string;

  /**
   * The member of a product; null when the column is skipped. Of files of other shops there may be more than those of a product.
   * @example price
   */
  @MaxLength(100)
  member: string | null;
}

/** A product as an import would write it. What is null stays as it is. */
export class ImportPreviewProductDto {
  /**
   * The line that it is on.
   * @example 2
   */
  @Min(1)
  line: number;

  /** @example LANT-RED-01 */
  @MaxLength(64)
  sku: string;

  /** @example "Red Metal Lantern" */
  @MaxLength(200)
  name: string | null;

  @MaxLength(5000)
  description: string | null;

  price: MoneyDto | null;

  /**
   * Paths of names, from the top down.
   * @example ["Home & Garden > Lanterns"]
   */
  @IsArray()
  @ArrayMaxSize(20)
  @MaxLength(2000, { each: true })
  categories: string[];

  /** @example 120 */
  stock: number | null;

  @ApiProperty({ enum: STATUSES, nullable: true, example: 'active' })
  status: (typeof STATUSES)[number] | null;

  @AttributesProperty()
  attributes: Attributes;
}

/** What an import of a file would read. */
export class ImportPreviewDto {
  @ApiProperty({ enum: IMPORT_FORMATS })
  format: ImportFormat;

  /** How the file is written; null when it has no lines. */
  detected: ImportDetectedDto | null;

  /** The columns of a CSV file, from left to right, without those that have no name. */
  @ArrayMaxSize(200)
  columns: ImportColumnDto[];

  /**
   * Columns that an import would skip.
   * @example ["Vendor", "Barcode"]
   */
  @ArrayMaxSize(200)
  @MaxLength(100, { each: true })
  skippedColumns: string[];

  /** What is wrong with the header, or with the first 100 lines. */
  @ArrayMaxSize(SHOWN_FAULTS)
  faults: ImportFaultDto[];

  /** The first five products. */
  @ArrayMaxSize(SHOWN_PRODUCTS)
  products: ImportPreviewProductDto[];
}

/** @param line that the product is on. */
export const toPreviewProductDto = (line: number, product: BulkProduct): ImportPreviewProductDto => ({
  line,
  sku: product.sku,
  name: product.name ?? null,
  description: product.description ?? null,
  price: product.price ?? null,
  categories: product.categories?.map((names) => pathOf(names)) ?? [],
  stock: product.stock ?? null,
  status: product.status ?? null,
  attributes: Object.fromEntries(
    Object.entries(product.attributes ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  ),
});
