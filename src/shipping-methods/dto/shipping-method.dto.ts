import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsOptional, IsUUID, MaxLength, Min } from 'class-validator';
import { IsCountryCode } from '../../common/countries/country-code.js';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { truthOf } from '../../common/http/syntax/query.js';
import { MoneyDto } from '../../common/money/money.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { ShippingMethod } from '../entities/shipping-method.entity.js';

/** The filters of the list of shipping methods, which is sorted by name. */
export class ShippingMethodQuery extends PageQuery {
  /**
   * Only methods that go to this country, an ISO 3166-1 alpha-2 code.
   * @example GB
   */
  @IsOptional()
  @IsCountryCode()
  country?: string;

  /** Only methods that customers can choose, or only the others; for staff. Everybody else sees active methods. */
  @IsOptional()
  @Transform(truthOf)
  @IsBoolean()
  active?: boolean;
}

/** A shipping method as it goes out. */
export class ShippingMethodDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** @example "Standard delivery" */
  @MaxLength(120)
  name: string;

  price: MoneyDto;

  /**
   * The countries that it goes to, by their ISO 3166-1 alpha-2 codes.
   * @example ["GB", "IE"]
   */
  @ArrayMaxSize(249)
  @IsCountryCode({ each: true })
  countries: string[];

  /** The sum of an order's items from which it costs nothing; null when it always costs its price. */
  freeFrom: MoneyDto | null;

  /**
   * Whether customers can choose it.
   * @example true
   */
  active: boolean;

  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of shipping methods. */
export class ShippingMethodPage extends PageOf(ShippingMethodDto) {}

export const toShippingMethodDto = (row: ShippingMethod): ShippingMethodDto => ({
  id: row.id,
  name: row.name,
  price: { amount: row.priceAmount, currency: row.priceCurrency },
  countries: row.countries,
  freeFrom: row.freeFrom === null ? null : { amount: row.freeFrom, currency: row.priceCurrency },
  active: row.active,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
