import { PartialType } from '@nestjs/swagger';
import { IsInt, IsISO4217CurrencyCode, Matches, Max, Min } from 'class-validator';

/** An amount of money: whole minor units of a currency, never a fraction. */
export class MoneyDto {
  /**
   * In minor units: pennies of a pound, yen as they are.
   * @example 1999
   */
  @IsInt()
  @Min(0)
  @Max(999_999_999_999)
  amount: number;

  /**
   * The currency's ISO 4217 code.
   * @example GBP
   */
  @IsISO4217CurrencyCode()
  @Matches(/^[A-Z]{3}$/, { message: '$property must be in capital letters' })
  currency: string;
}

/** An amount of which a part may be changed. */
export class MoneyChangeDto extends PartialType(MoneyDto, { skipNullProperties: false }) {}
