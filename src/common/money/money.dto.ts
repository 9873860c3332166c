import { PartialType } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateBy, type ValidationArguments } from 'class-validator';
import { isCurrency } from './currencies.js';
import { describeWrongAmount } from './minor-units.js';

/**
 * Accepts the code of a currency of ISO 4217 as of 2026, in capital letters; what is withdrawn is refused. Not called
 * IsCurrency, which the plugin of @nestjs/swagger knows as a format.
 */
export const IsCurrencyCode = (): PropertyDecorator =>
  ValidateBy({
    name: 'isISO4217CurrencyCode',
    validator: {
      validate: isCurrency,
      defaultMessage: () => '$property must be a current ISO 4217 currency code in capital letters, e.g. GBP',
    },
  });

const wrongAmount = ({ value, object }: ValidationArguments): string =>
  describeWrongAmount(value, 'currency' in object ? object.currency : undefined);

/** An amount of money: whole minor units of a currency, never a fraction. */
export class MoneyDto {
  /**
   * In minor units, a whole number: 1999 is GBP 19.99 and JPY 1999.
   * @example 1999
   */
  @IsInt({ message: wrongAmount })
  @Min(0)
  @Max(999_999_999_999)
  amount: number;

  /**
   * The currency's ISO 4217 code, as of 2026.
   * @example GBP
   */
  @IsCurrencyCode()
  currency: string;
}

/** An amount of which a part may be changed. */
export class MoneyChangeDto extends PartialType(MoneyDto, { skipNullProperties: false }) {}
