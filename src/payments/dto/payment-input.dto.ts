import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/** How an order is paid. */
export class PayOrderDto {
  /**
   * What the provider gave the client in place of a card. In the sandbox: `tok_success`, `tok_declined`, `tok_insufficient_funds`,
   * `tok_timeout`, `tok_duplicate` and others.
   * @example tok_success
   */
  @IsString()
  @Matches(/^[\w-]{1,200}$/, {
    message: '$property must have only letters from A to Z, digits, hyphens and underscores',
  })
  @MaxLength(200)
  token: string;

  /**
   * False only authorizes the payment, which staff alone may do: they capture it later.
   * @example true
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  capture?: boolean;
}

/** How much of an authorized payment is taken. */
export class CapturePaymentDto {
  /**
   * In minor units of the payment's currency; all of it by default.
   * @example 1
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(1)
  @Max(999_999_999_999)
  amount?: number;
}

/** How the outcome of a payment was found, by looking at the provider's own pages. */
export class ResolvePaymentDto {
  /** @example declined */
  @IsIn(['succeeded', 'declined'])
  outcome: 'succeeded' | 'declined';

  /**
   * How you know.
   * @example "Not in the provider’s list of 20 November"
   */
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  note: string;

  /** What the provider calls it: needed for one that succeeded, unless the shop knows it. */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  providerReference?: string;
}

/** How much of one line of an order is refunded. */
export class RefundLineDto {
  /** The id of a line, as `items` of the order have it, or `shipping`. */
  @IsUUID()
  lineId: string;

  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  quantity: number;
}

/** What is refunded of an order: some of its lines, or an amount. */
export class RefundOrderDto {
  /** The lines, or an amount; not both. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique(({ lineId }: RefundLineDto) => lineId)
  @ValidateNested({ each: true })
  @Type(() => RefundLineDto)
  lines?: RefundLineDto[] | null;

  /** In minor units of the order's currency. */
  @ApiProperty({ example: null })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(999_999_999_999)
  amount?: number | null;

  /**
   * Why, for people who read it later.
   * @example "Arrived broken"
   */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  reason: string;

  /** False leaves the refunded units out of stock: they are lost or broken. */
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  restock?: boolean;
}
