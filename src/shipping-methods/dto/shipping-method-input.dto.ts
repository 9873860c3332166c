import { OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsCountryCode } from '../../common/countries/country-code.js';
import { MoneyChangeDto, MoneyDto } from '../../common/money/money.dto.js';

/** What a new shipping method is made of. */
export class CreateShippingMethodDto {
  /** @example "Standard delivery" */
  @IsString()
  @MinLength(1)
  @MaxLength(120)
  name: string;

  @IsDefined()
  @ValidateNested()
  @Type(() => MoneyDto)
  price: MoneyDto;

  /**
   * The countries that it goes to, by their ISO 3166-1 alpha-2 codes.
   * @example ["GB", "IE"]
   */
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(249)
  @ArrayUnique()
  @IsCountryCode({ each: true })
  countries: string[];

  /** The sum of an order's items from which it costs nothing, in the currency of `price`; null when it always costs its price. */
  @IsOptional()
  @ValidateNested()
  @Type(() => MoneyDto)
  freeFrom?: MoneyDto | null;

  /**
   * Whether customers can choose it; true by default.
   * @example true
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  active?: boolean;
}

/** What may be changed of a shipping method: a JSON Merge Patch. */
export class UpdateShippingMethodDto extends PartialType(OmitType(CreateShippingMethodDto, ['price', 'freeFrom']), {
  skipNullProperties: false,
}) {
  @ValidateIf((_, value) => value !== undefined)
  @ValidateNested()
  @Type(() => MoneyChangeDto)
  price?: MoneyChangeDto;

  /** Replaces the sum that there is, in the currency of `price`; null removes it. */
  @IsOptional()
  @ValidateNested()
  @Type(() => MoneyDto)
  freeFrom?: MoneyDto | null;
}
