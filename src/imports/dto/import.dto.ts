import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsUUID, Matches, MaxLength, Min } from 'class-validator';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { ImportFault } from '../entities/import-fault.entity.js';
import type { Import } from '../entities/import.entity.js';
import { type Layout, LAYOUTS } from '../formats/format.js';
import { type Delimiter, DELIMITERS } from '../reader.csv.js';
import { type Encoding, ENCODINGS } from '../reader.encoding.js';
import { IMPORT_FORMATS, type ImportFormat } from '../reader.js';
import { ImportOptionsDto, toImportOptionsDto } from './import-options.dto.js';

const STATES = ['queued', 'running', 'finished', 'failed'] as const;

/** What a file is: the formats that there were at first. */
const KINDS = ['csv', 'ndjson'] as const;

/** The list of imports, the latest first. */
export class ImportQuery extends PageQuery {}

/** The list of an import's faults, by line. */
export class ImportFaultQuery extends PageQuery {}

/** How a file is written, as its beginning shows. */
export class ImportDetectedDto {
  @ApiProperty({ enum: ENCODINGS, example: 'utf-8' })
  encoding: Encoding;

  /** What separates the fields of a CSV file; null in other formats. */
  @ApiProperty({ enum: DELIMITERS, example: ';' })
  delimiter: Delimiter | null;

  /** Whose names the columns have: our own, those of another shop, or names that were mapped. */
  @ApiProperty({ enum: LAYOUTS, example: 'shopify' })
  format: Layout;
}

/** How far an import is. */
export class ImportProgressDto {
  /**
   * The number of the last line that is done.
   * @example 25001
   */
  lines: number;

  /** @example 4194304 */
  bytes: number;

  /**
   * How many bytes there are in all; null when nobody knows.
   * @example 8468874
   */
  totalBytes: number | null;

  /** @example 4800 */
  linesPerSecond: number;
}

/** What became of the lines that are done. */
export class ImportCountsDto {
  /** @example 24000 */
  created: number;

  /** @example 900 */
  updated: number;

  /**
   * Products that were so already.
   * @example 99
   */
  unchanged: number;

  /**
   * Lines that were left out.
   * @example 2
   */
  faulty: number;

  /**
   * Faults of these lines in all. The first 10,000 are kept.
   * @example 3
   */
  faults: number;
}

/** Something wrong on a line. */
export class ImportFaultDto {
  /**
   * As an editor counts, from 1.
   * @example 17
   */
  @Min(1)
  line: number;

  /**
   * The column, or the member by its path; null when it is the line as a whole.
   * @example price.amount
   */
  @MaxLength(200)
  column: string | null;

  /**
   * What is wrong, for programs: stable.
   * @example isInt
   */
  @Matches(/^[A-Za-z0-9._-]+$/)
  @MaxLength(64)
  code: string;

  /**
   * What is wrong, for people.
   * @example "must be an integer number"
   */
  @MaxLength(2000)
  detail: string;
}

/** An import as it goes out. */
export class ImportDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  @ApiProperty({ enum: STATES, example: 'running' })
  state: (typeof STATES)[number];

  /** `csv` for a table, also in a workbook; `ndjson` for lines of JSON. `fileFormat` tells them all apart. */
  @ApiProperty({ enum: KINDS, example: 'csv' })
  format: (typeof KINDS)[number];

  @ApiProperty({ enum: IMPORT_FORMATS, example: 'csv' })
  fileFormat: ImportFormat;

  options: ImportOptionsDto;

  /** How the file is written; null until it was looked at. */
  detected: ImportDetectedDto | null;

  /**
   * Columns of a CSV file that an import does not know: they were skipped.
   * @example ["Vendor", "Barcode"]
   */
  @ArrayMaxSize(200)
  @MaxLength(100, { each: true })
  skippedColumns: string[];

  /**
   * `api`, or the file that `npm run import` was given.
   * @example api
   */
  @MaxLength(1000)
  source: string;

  progress: ImportProgressDto;

  counts: ImportCountsDto;

  /** Why it failed as a whole; null unless it did. */
  @MaxLength(2000)
  failure: string | null;

  /** The user who began it; null for the command. */
  @IsUUID()
  actorId: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;

  @IsDateTime()
  finishedAt: string | null;
}

/** An import, and what is wrong with its first faulty lines. */
export class ImportReportDto extends ImportDto {
  /** The first hundred by line; `/imports/{id}/faults` has all that are kept. */
  @ArrayMaxSize(100)
  faults: ImportFaultDto[];
}

/** A page of imports. */
export class ImportPage extends PageOf(ImportDto) {}

/** A page of an import's faults. */
export class ImportFaultPage extends PageOf(ImportFaultDto) {}

/** An import of before files of other shops were known has our names. */
export const toImportDetectedDto = ({
  encoding,
  delimiter,
  layout,
}: Pick<Import, 'encoding' | 'delimiter' | 'layout'>): ImportDetectedDto | null =>
  encoding === null ? null : { encoding, delimiter, format: layout ?? 'stockroom' };

export const toImportDto = (row: Import): ImportDto => ({
  id: row.id,
  state: row.state === 'receiving' ? 'queued' : row.state,
  format: row.format === 'ndjson' ? 'ndjson' : 'csv',
  fileFormat: row.format,
  options: toImportOptionsDto(row.options),
  detected: toImportDetectedDto(row),
  skippedColumns: row.skippedColumns,
  source: row.file ?? 'api',
  progress: {
    lines: row.linesDone,
    bytes: row.bytesDone,
    totalBytes: row.bytes,
    linesPerSecond: row.busyMilliseconds > 0 ? Math.round((row.linesDone * 1000) / row.busyMilliseconds) : 0,
  },
  counts: {
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    faulty: row.faulty,
    faults: row.faultsFound,
  },
  failure: row.failure,
  actorId: row.actorId,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
});

export const toImportFaultDto = ({ line, column, code, detail }: ImportFault): ImportFaultDto => ({
  line,
  column,
  code,
  detail,
});
