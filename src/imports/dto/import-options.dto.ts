import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import { truthOf } from '../../common/http/syntax/query.js';
import { IsCurrencyCode } from '../../common/money/money.dto.js';
import { DUPLICATES, type ImportSettings, settingsOf, UNKNOWN_COLUMNS } from '../imports.settings.js';
import { faultOfPairs } from '../reader.pairs.js';

/** How many columns may be mapped: a file has no more of them. */
const MAX_MAPPED = 200;
/** How long `column=member` may be, in characters. */
const MAX_PAIR = 200;
const MAX_LOCALE = 35;
/** How long the name of a sheet is at most, in Excel. */
const MAX_SHEET = 31;

/** For `@Transform`: `a,b` as well as `a` given twice become a list; `\,` is a comma in a name. */
const pairsOf = ({ value }: { value: unknown }): unknown =>
  (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
    typeof item === 'string' ? item.split(/(?<!\\),/).map((pair) => pair.replaceAll('\\,', ',')) : [item],
  );

const ArePairs = (): PropertyDecorator =>
  ValidateBy({
    name: 'mapping',
    validator: {
      validate: (pairs: unknown) => Array.isArray(pairs) && faultOfPairs(pairs.map(String)) === undefined,
      defaultMessage: ({ value }: ValidationArguments) =>
        String(Array.isArray(value) && faultOfPairs(value.map(String))),
    },
  });

const IsLocale = (): PropertyDecorator =>
  ValidateBy({
    name: 'locale',
    validator: {
      validate: isLocale,
      defaultMessage: () => '$property must be a language tag (BCP 47) whose way to write numbers is known, e.g. de-DE',
    },
  });

function isLocale(value: unknown): boolean {
  try {
    return typeof value === 'string' && Intl.NumberFormat.supportedLocalesOf(value).length > 0;
  } catch {
    return false;
  }
}

/** How to read the file of an import, where the file does not show it. */
export class ImportOptionsQuery implements ImportSettings {
  /**
   * What a column is, as `Title=name`: its name in the header and the member. Give it once for each column, or several separated by
   * commas; write `\,` for a comma in a name.
   */
  @IsOptional()
  @Transform(pairsOf)
  @IsArray()
  @ArrayMaxSize(MAX_MAPPED)
  @IsString({ each: true })
  @Length(3, MAX_PAIR, { each: true })
  @ArePairs()
  mapping: string[] = [];

  /**
   * The currency of prices that name none.
   * @example EUR
   */
  @IsOptional()
  @IsString()
  @IsCurrencyCode()
  @MaxLength(3)
  currency?: string;

  /**
   * How numbers are written: a language tag (BCP 47). Without it, a number that may be read in two ways is a fault.
   * @example de-DE
   */
  @IsOptional()
  @IsString()
  @IsLocale()
  @MaxLength(MAX_LOCALE)
  locale?: string;

  /**
   * The sheet of a workbook: its name, or its number among those that are shown. Without it, the first of those.
   * @example Products
   */
  @IsOptional()
  @IsString()
  @Length(1, MAX_SHEET)
  sheet?: string;

  /** What becomes of columns that an import does not know: they are skipped, or become attributes. */
  @ApiPropertyOptional({ enum: UNKNOWN_COLUMNS })
  @IsOptional()
  @IsIn(UNKNOWN_COLUMNS)
  unknownColumns: ImportSettings['unknownColumns'] = 'skip';

  /** When several lines have one SKU: the first is imported and each later one is a fault; or all are, in order, and the last one stays. */
  @ApiPropertyOptional({ enum: DUPLICATES })
  @IsOptional()
  @IsIn(DUPLICATES)
  duplicates: ImportSettings['duplicates'] = 'first';

  /** Writes nothing, but reports what would be created, updated and left as it is, and all faults. */
  @IsOptional()
  @Transform(truthOf)
  @IsBoolean()
  dryRun: boolean = false;
}

/** How an import reads its file. */
export class ImportOptionsDto {
  /**
   * What columns are, as it was given.
   * @example ["Title=name"]
   */
  @ArrayMaxSize(MAX_MAPPED)
  @MaxLength(MAX_PAIR, { each: true })
  mapping: string[];

  /** The currency of prices that name none. */
  @MaxLength(3)
  currency: string | null;

  /** The language tag by which numbers are written. */
  @MaxLength(MAX_LOCALE)
  locale: string | null;

  /** The sheet of a workbook that is read, as it was given. */
  @MaxLength(MAX_SHEET)
  sheet: string | null;

  @ApiProperty({ enum: UNKNOWN_COLUMNS, example: 'skip' })
  unknownColumns: ImportSettings['unknownColumns'];

  @ApiProperty({ enum: DUPLICATES, example: 'first' })
  duplicates: ImportSettings['duplicates'];

  /**
   * Whether it was a dry run, which writes nothing: the counts say what would be.
   * @example false
   */
  dryRun: boolean;
}

/** @param kept with the import: it may be older than some of the options. */
export const toImportOptionsDto = (kept: Partial<ImportSettings>): ImportOptionsDto => {
  const { mapping, currency = null, locale = null, sheet = null, ...rest } = settingsOf(kept);
  return { mapping: [...mapping], currency, locale, sheet, ...rest };
};
