import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, MaxLength, Min } from 'class-validator';
import { DELIVERY_STATES, type DeliveryRow, type DeliveryState } from '../../common/events/deliveries.repository.js';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';

/** The filters of the list of events that handlers could not do, in the order in which they were recorded. */
export class EventDeliveryQuery extends PageQuery {
  /** Only the events in this state. */
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;
}

/** An event that a handler could not do, as it goes out, without its data. */
export class EventDeliveryDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /**
   * The name of the handler.
   * @example "ratings of products"
   */
  @MaxLength(100)
  handler: string;

  @IsUUID()
  eventId: string;

  /** @example review.created */
  @MaxLength(100)
  eventName: string;

  /**
   * Where the event stands in the feed.
   * @example 1204
   */
  @Min(1)
  position: number;

  /**
   * The kind of resource that the event is about.
   * @example review
   */
  @MaxLength(100)
  aggregateType: string;

  /** The id of the resource. */
  @IsUUID()
  aggregateId: string;

  @ApiProperty({ enum: DELIVERY_STATES, example: 'dead' })
  state: DeliveryState;

  /**
   * How often it was tried.
   * @example 8
   */
  @Min(0)
  attempts: number;

  /** When it is tried again; null unless it failed. */
  @IsDateTime()
  nextAttemptAt: string | null;

  /** Why the last attempt failed. */
  @MaxLength(1000)
  lastError: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of events that handlers could not do. */
export class EventDeliveryPage extends PageOf(EventDeliveryDto) {}

export const toEventDeliveryDto = (row: DeliveryRow): EventDeliveryDto => ({
  id: row.id,
  handler: row.consumer,
  eventId: row.eventId,
  eventName: row.eventName,
  position: row.position,
  aggregateType: row.aggregateType,
  aggregateId: row.aggregateId,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  lastError: row.lastError,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
