import { IsIn, IsOptional, IsString, IsUUID, MaxLength, MinLength } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { FULFILLMENT_STATUSES, type FulfillmentStatus } from '../entities/order.entity.js';
import { ORDER_STATUSES, type OrderStatus } from '../orders.machine.js';
import { PAYMENT_STATUSES, type PaymentStatus } from '../orders.payment-status.js';

/** The orders that orders can be listed in; `-` is descending. */
const SORTS = ['createdAt', '-createdAt'] as const;
export type OrderSort = (typeof SORTS)[number];

/** The filters and sorts of the list of orders. */
export class OrderQuery extends PageQuery {
  /** Only orders of this status. */
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;

  /** Only orders that are paid so far. */
  @IsOptional()
  @IsIn(PAYMENT_STATUSES)
  paymentStatus?: PaymentStatus;

  /** Only orders that are sent so far. */
  @IsOptional()
  @IsIn(FULFILLMENT_STATUSES)
  fulfillmentStatus?: FulfillmentStatus;

  /** Only orders with this reference. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  reference?: string;

  /** Only the orders of this customer. */
  @IsOptional()
  @IsUUID()
  customerId?: string;

  /** Only orders that were placed at this time or later. */
  @IsOptional()
  @IsDateTime()
  from?: string;

  /** Only orders that were placed before this time. */
  @IsOptional()
  @IsDateTime()
  to?: string;

  /** By default the newest first. */
  @IsOptional()
  @IsIn(SORTS)
  sort?: OrderSort;
}

/** The list of what happened to an order, the oldest first. */
export class OrderEventQuery extends PageQuery {}

/** The list of the parcels of an order, the oldest first. */
export class FulfillmentQuery extends PageQuery {}
