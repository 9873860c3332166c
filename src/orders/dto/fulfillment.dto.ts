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
import { PageOf } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { FulfillmentLine } from '../entities/fulfillment-line.entity.js';
import type { Fulfillment } from '../entities/fulfillment.entity.js';

/** Some units of one line of an order. */
export class FulfilledLineDto {
  /**
   * The id of a line, as `items` of the order have it.
   * @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10
   */
  @IsUUID()
  lineId: string;

  /**
   * How many units.
   * @example 1
   */
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  quantity: number;
}

/** What is sent in one parcel. */
export class CreateFulfillmentDto {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsDefined({ each: true })
  @ValidateNested({ each: true })
  @Type(() => FulfilledLineDto)
  lines: FulfilledLineDto[];

  /** @example "Parcel Post" */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  carrier?: string | null;

  /** @example "PP123456789GB" */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  trackingNumber?: string | null;
}

/** A parcel of an order, as it goes out. */
export class FulfillmentDto {
  @IsUUID()
  id: string;

  @IsUUID()
  orderId: string;

  @ArrayMaxSize(100)
  lines: FulfilledLineDto[];

  /** @example "Parcel Post" */
  @MaxLength(100)
  carrier: string | null;

  /** @example "PP123456789GB" */
  @MaxLength(100)
  trackingNumber: string | null;

  /** The member of staff who sent it. */
  @IsUUID()
  actorId: string;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;
}

/** A page of the parcels of an order. */
export class FulfillmentPage extends PageOf(FulfillmentDto) {}

/** A parcel with its lines. */
export interface FulfillmentRow extends Fulfillment {
  lines: Omit<FulfillmentLine, 'fulfillmentId'>[];
}

export const toFulfillmentDto = (row: FulfillmentRow): FulfillmentDto => ({
  id: row.id,
  orderId: row.orderId,
  lines: row.lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
  carrier: row.carrier,
  trackingNumber: row.trackingNumber,
  actorId: row.actorId,
  createdAt: row.createdAt.toISOString(),
});
