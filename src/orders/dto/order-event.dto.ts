import { ApiProperty } from '@nestjs/swagger';
import { IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { ORDER_EVENT_NAMES, type OrderEvent, type OrderEventName } from '../entities/order-event.entity.js';
import { ORDER_STATUSES, type OrderStatus } from '../orders.machine.js';

/** Something that happened to an order, as it goes out. */
export class OrderEventDto {
  @IsUUID()
  id: string;

  @ApiProperty({ enum: ORDER_EVENT_NAMES })
  name: OrderEventName;

  /** The status of the order after it. */
  @ApiProperty({ enum: ORDER_STATUSES })
  status: OrderStatus;

  /** The version of the order after it. */
  @Min(1)
  version: number;

  /** The payment or the parcel that it was about. */
  @IsUUID()
  subjectId: string | null;

  /**
   * What was paid or paid back, in minor units of the currency of the order.
   * @example 1999
   */
  amount: number | null;

  /** @example "Ordered twice by mistake" */
  @MaxLength(200)
  reason: string | null;

  /** The user who did it; null for the shop itself. */
  @IsUUID()
  actorId: string | null;

  /** The `X-Request-Id` of the request that it was done for; null where there was none. */
  @MaxLength(64)
  requestId: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;
}

/** A page of what happened to an order. */
export class OrderEventPage extends PageOf(OrderEventDto) {}

export const toOrderEventDto = (row: OrderEvent): OrderEventDto => ({
  id: row.id,
  name: row.name,
  status: row.status,
  version: row.version,
  subjectId: row.subjectId,
  amount: row.amount,
  reason: row.reason,
  actorId: row.actorId,
  requestId: row.requestId,
  createdAt: row.createdAt.toISOString(),
});
