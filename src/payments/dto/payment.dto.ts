import { IsIn, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { MoneyDto } from '../../common/money/money.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { PaymentAttempt } from '../entities/payment-attempt.entity.js';
import type { PaymentOperation } from '../providers/payment-provider.js';

const STATES = [
  'pending',
  'authorized',
  'captured',
  'voided',
  'refunded',
  'declined',
  'unknown',
  'needs_review',
] as const;
type PaymentState = (typeof STATES)[number];

/** One request to the payment provider, as it goes out: a payment, a capture, a void or a refund. */
export class PaymentDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** The order that it is for. */
  @IsUUID()
  orderId: string;

  /**
   * `capture` takes money: of an authorized payment, or at once.
   * @example capture
   */
  @IsIn(['authorize', 'capture', 'void', 'refund'])
  operation: PaymentOperation;

  /**
   * `pending` is on its way to the provider. While it is `unknown`, the shop asks the provider again; `needs_review` waits for staff.
   * @example captured
   */
  @IsIn(STATES)
  state: PaymentState;

  amount: MoneyDto;

  /** The payment that is captured, given up or refunded; null for a payment itself. */
  @IsUUID()
  parentId: string | null;

  /**
   * The payment provider.
   * @example sandbox
   */
  @MaxLength(50)
  provider: string;

  /**
   * What the provider calls it.
   * @example null
   */
  @MaxLength(200)
  providerReference: string | null;

  /**
   * Why it was declined, in the words of the provider.
   * @example null
   */
  @MaxLength(100)
  declineCode: string | null;

  /**
   * How often the provider was asked again.
   * @example 0
   */
  @Min(0)
  @Max(1000)
  checks: number;

  /**
   * When the provider is asked for the outcome next; null once that is known, or staff look at it.
   * @example null
   */
  @IsDateTime()
  nextCheckAt: string | null;

  /**
   * Why money is returned, or how staff learned of the outcome.
   * @example null
   */
  @MaxLength(500)
  reason: string | null;

  /** The user who asked for it; null for the shop itself. */
  @IsUUID()
  actorId: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of payments. */
export class PaymentPage extends PageOf(PaymentDto) {}

const SUCCESSES = { authorize: 'authorized', capture: 'captured', void: 'voided', refund: 'refunded' } as const;

function stateOf({ state, operation }: PaymentAttempt): PaymentState {
  if (state === 'succeeded') return SUCCESSES[operation];
  return state === 'created' || state === 'sent' ? 'pending' : state;
}

export const toPaymentDto = (attempt: PaymentAttempt): PaymentDto => ({
  id: attempt.id,
  orderId: attempt.orderId,
  operation: attempt.operation,
  state: stateOf(attempt),
  amount: { amount: attempt.amount, currency: attempt.currency },
  parentId: attempt.parentId,
  provider: attempt.provider,
  providerReference: attempt.providerReference,
  declineCode: attempt.declineCode,
  checks: attempt.checks,
  nextCheckAt: attempt.nextCheckAt?.toISOString() ?? null,
  reason: attempt.reason,
  actorId: attempt.actorId,
  createdAt: attempt.createdAt.toISOString(),
  updatedAt: attempt.updatedAt.toISOString(),
});
