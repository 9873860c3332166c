import { Max, Min } from 'class-validator';
import { IsCurrencyCode } from '../../common/money/money.dto.js';

/** An amount of money in a direction: whole minor units of a currency, never a fraction. */
export class SignedMoneyDto {
  /**
   * In minor units, a whole number: -1999 is GBP -19.99 and JPY -1999.
   * @example -1999
   */
  @Min(Number.MIN_SAFE_INTEGER)
  @Max(Number.MAX_SAFE_INTEGER)
  amount: number;

  /**
   * The ISO 4217 code of the currency.
   * @example GBP
   */
  @IsCurrencyCode()
  currency: string;
}
