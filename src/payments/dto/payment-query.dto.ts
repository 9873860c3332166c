import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import type { AttemptState } from '../entities/payment-attempt.entity.js';

const STATES = ['created', 'sent', 'succeeded', 'declined', 'unknown', 'needs_review'] as const;

/** The list of the payments of an order, the first one first. */
export class OrderPaymentsQuery extends PageQuery {}

/** The filters of the list of all payments, the latest first. */
export class PaymentListQuery extends PageQuery {
  /** Only payments in this state; `needs_review` waits for staff. */
  @IsOptional()
  @IsIn(STATES)
  state?: AttemptState;

  /** Only the payments of this order. */
  @IsOptional()
  @IsUUID()
  orderId?: string;
}
