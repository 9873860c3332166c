import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsDefined,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsCountryCode } from '../../common/countries/country-code.js';
import { MoneyDto } from '../../common/money/money.dto.js';

/** How many lines of items an order has at most. */
export const MAX_ITEMS = 100;

/** What is ordered of one product. */
export class CreateOrderItemDto {
  /**
   * The id of the product.
   * @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10
   */
  @IsUUID()
  productId: string;

  /**
   * How many. Several quantities of one product are added up.
   * @example 2
   */
  @IsInt()
  @Min(1)
  @Max(100_000)
  quantity: number;

  /** Another price of one than that of the product; only with `orders:write`. */
  @ApiProperty({ example: null })
  @IsOptional()
  @ValidateNested()
  @Type(() => MoneyDto)
  unitPrice?: MoneyDto | null;
}

/** Where an order is to go. */
export class ShippingAddressInputDto {
  /** @example "Cleo Customer" */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  name: string;

  /** @example "+44 20 7946 0000" */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(40)
  phone?: string | null;

  /**
   * Street and number, and what else is above the city.
   * @example "1 Harbour Street"
   */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  street: string;

  /** @example Bristol */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  city: string;

  /** A state, province or county, where the country has them in addresses. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  region?: string | null;

  /** @example "BS1 4RN" */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(20)
  postcode?: string | null;

  /**
   * ISO 3166-1 alpha-2.
   * @example GB
   */
  @IsCountryCode()
  country: string;
}

/** What an order is placed with. Prices and totals are the shop's. */
export class CreateOrderDto {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_ITEMS)
  @IsDefined({ each: true })
  @ValidateNested({ each: true })
  @Type(() => CreateOrderItemDto)
  items: CreateOrderItemDto[];

  /** Needed with `shippingMethodId`. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ShippingAddressInputDto)
  shippingAddress?: ShippingAddressInputDto | null;

  /** How it is sent; without one the order costs no sending. */
  @ApiProperty({ example: null })
  @IsOptional()
  @IsUUID()
  shippingMethodId?: string | null;

  /**
   * A word of the customer's own for the order, such as the number that it has there.
   * @example "PO-4711"
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  reference?: string | null;

  /** What the client takes the order to cost. When it costs something else, it is not placed. */
  @ApiProperty({ example: null })
  @IsOptional()
  @ValidateNested()
  @Type(() => MoneyDto)
  expectedTotal?: MoneyDto | null;

  /** The user who pays for it; only with `orders:write`. By default, the caller. */
  @ApiProperty({ example: null })
  @IsOptional()
  @IsUUID()
  customerId?: string | null;
}

/** Why an order is cancelled. */
export class CancelOrderDto {
  /** @example "Ordered twice by mistake" */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  reason?: string | null;
}
