import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsUUID, MaxLength } from 'class-validator';
import { MoneyDto } from '../../common/money/money.dto.js';
import type { Schema } from '../../common/json-schema/schema.js';

/** How many options a family has at most, for the API and for imports. */
export const MAX_OPTIONS = 3;
/** How many products a family has at most. */
export const MAX_MEMBERS = 500;
/** How long the name of an option is at most, in characters. */
export const MAX_OPTION_NAME = 40;
/** How long a value of an option is at most, in characters. */
export const MAX_OPTION_VALUE = 80;
/** How many values of options facets count at most. */
export const MAX_OPTION_FACETS = 200;

/** The value that a variant has of an option of its family. */
export interface OptionValue {
  name: string;
  value: string;
}

/** The schema of values by the names of their options. */
export const OPTIONS_SCHEMA = {
  type: 'object',
  description: 'A value for each option of the family.',
  maxProperties: MAX_OPTIONS,
  propertyNames: { maxLength: MAX_OPTION_NAME },
  additionalProperties: { type: 'string', maxLength: MAX_OPTION_VALUE },
  example: { Size: 'M', Colour: 'Red' },
} as const satisfies Schema;

/** Documents values of options as they go out. */
export const OptionsProperty = (): PropertyDecorator => ApiProperty(OPTIONS_SCHEMA);

/** Values by the names of their options, in the order of the family. */
export const toOptionsDto = (options: readonly OptionValue[]): Record<string, string> =>
  Object.fromEntries(options.map(({ name, value }) => [name, value]));

/** The family of a product, as the product names it. */
export class ProductFamilyRefDto {
  @IsUUID()
  id: string;

  /** @example "Harbour T-shirt" */
  @MaxLength(200)
  name: string;

  @OptionsProperty()
  options: Record<string, string>;
}

/** An option with the values that variants have of it. */
export class OptionValuesDto {
  /** @example Size */
  @MaxLength(MAX_OPTION_NAME)
  name: string;

  /**
   * In the order in which the products were created.
   * @example ["S", "M", "L"]
   */
  @ArrayMaxSize(MAX_MEMBERS)
  @MaxLength(MAX_OPTION_VALUE, { each: true })
  values: string[];
}

/** The variants of a family that match a query. */
export class VariantsDto {
  /**
   * How many there are.
   * @example 6
   */
  count: number;

  /** The lowest price of those with a price in the currency of the product that stands for them. */
  minPrice: MoneyDto;

  /** The highest price of those with a price in the currency of the product that stands for them. */
  maxPrice: MoneyDto;

  /** The options of the family with the values that they have. */
  @ArrayMaxSize(MAX_OPTIONS)
  options: OptionValuesDto[];
}

/** How many of the results have a value of an option. */
export class OptionValueFacetDto {
  /** @example M */
  @MaxLength(MAX_OPTION_VALUE)
  value: string;

  /** @example 12 */
  count: number;
}

/** An option of the results' families, with its values. */
export class OptionFacetDto {
  /** @example Size */
  @MaxLength(MAX_OPTION_NAME)
  name: string;

  /** The most frequent values first. */
  @ArrayMaxSize(MAX_OPTION_FACETS)
  values: OptionValueFacetDto[];
}

/** What a product's row has of its family. */
export interface FamilyOfRow {
  familyId: string | null;
  familyName: string | null;
  familyOptions: OptionValue[] | null;
}

export const toFamilyRefDto = ({ familyId, familyName, familyOptions }: FamilyOfRow): ProductFamilyRefDto | null =>
  familyId === null || familyName === null || familyOptions === null
    ? null
    : { id: familyId, name: familyName, options: toOptionsDto(familyOptions) };

/** The prices of some variants in one currency, in minor units. */
interface PriceRange {
  currency: string;
  minPrice: number;
  maxPrice: number;
}

/** Of a family, the variants that a list means. */
export interface VariantsRow {
  familyId: string;
  count: number;
  prices: PriceRange[];
  options: OptionValuesDto[];
}

/** The variants that stand behind a row of a list; null for a product without a family. */
export function toVariantsDto(row: { priceCurrency: string }, variants?: VariantsRow): VariantsDto | null {
  const prices = variants?.prices.find(({ currency }) => currency === row.priceCurrency);
  if (!variants || !prices) return null;
  const { currency, minPrice, maxPrice } = prices;
  return {
    count: variants.count,
    minPrice: { amount: minPrice, currency },
    maxPrice: { amount: maxPrice, currency },
    options: variants.options,
  };
}
