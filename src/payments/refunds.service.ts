import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { ValidationFailed } from '../common/errors/errors.js';
import type { Caller } from '../common/security/caller.js';
import { OrderPaymentsService, type PayableOrder } from '../orders/order-payments.service.js';
import { AttemptsService } from './attempts.service.js';
import type { RefundLineDto, RefundOrderDto } from './dto/payment-input.dto.js';
import type { PaymentDto } from './dto/payment.dto.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import type { RefundLine } from './entities/refund-line.entity.js';
import { RefundDeclined, RefundTooLarge } from './payments.errors.js';
import { type AttemptFlow, PaymentFlows } from './payments.flows.js';
import { PaymentsRepository } from './payments.repository.js';

type RefundInput = RefundOrderDto & { orderId: string; caller: Caller };

/** How much of a line is refunded. */
type LineAmount = Omit<RefundLine, 'attemptId'>;

/** Gives money back that staff refund. */
@Injectable()
export class RefundsService {
  private readonly refundFlow: AttemptFlow<RefundInput>;

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly attempts: AttemptsService,
    private readonly flows: PaymentFlows,
    private readonly orders: OrderPaymentsService,
  ) {
    this.refundFlow = flows.register('payments.refund', (input: RefundInput) => this.prepare(input));
  }

  /**
   * Refunds some lines of an order, or an amount.
   * @throws AppError 404; 409 when the provider declines; 422 for more than was captured, or is left of a line.
   */
  async refund(orderId: string, input: RefundOrderDto, caller: Caller): Promise<PaymentDto> {
    requireOneOf(input);
    const { lines, amount, reason, restock } = input;
    const refund = await this.flows.run(this.refundFlow, { lines, amount, reason, restock, orderId, caller });
    if (refund.state !== 'declined') return refund;
    const declineCode = refund.declineCode ?? '';
    throw new AppError(RefundDeclined, `The provider declined the refund: ${declineCode}.`, {
      members: { declineCode },
    });
  }

  /** In the unit of work of the request: under the lock of the order, so that refunds at once do not make up more than was captured. */
  private async prepare({
    orderId,
    lines,
    amount,
    reason,
    restock = true,
    caller,
  }: RefundInput): Promise<PaymentAttempt> {
    const order = await this.orders.lockFor(orderId, caller);
    const refunded = lines ? await this.amountsOf(order, lines) : undefined;
    const sum = refunded ? refunded.reduce((total, line) => total + line.amount, 0) : (amount ?? 0);
    const captured = (await this.repository.findCaptured(orderId)).find(({ refundable }) => refundable > 0);
    const refundable = captured?.refundable ?? 0;
    if (!captured || sum > refundable || sum === 0) throw tooLarge(sum, refundable);
    const attempt = await this.attempts.create({
      orderId,
      operation: 'refund',
      parentId: captured.id,
      amount: sum,
      currency: order.currency,
      reason,
      restock: refunded !== undefined && restock,
      actorId: caller.userId,
    });
    const attemptId = attempt.id;
    if (refunded) await this.repository.insertRefundLines(refunded.map((line) => ({ ...line, attemptId })));
    return attempt;
  }

  /** What lines cost: of a part of a line its part, rounded so that all parts make up the line. */
  private async amountsOf(order: PayableOrder, asked: readonly RefundLineDto[]): Promise<LineAmount[]> {
    const lines = new Map(order.lines.map((line) => [line.id, line]));
    const before = new Map((await this.repository.sumRefundLines(order.id)).map((line) => [line.lineId, line]));
    return asked.map(({ lineId, quantity }, index) => {
      const line = lines.get(lineId);
      // a discount is not paid, so it is not refunded by itself
      if (!line || line.total <= 0)
        throw wrongLine(index, 'lineId', 'exists', 'must be a line of the order that was paid');
      const { quantity: done = 0, amount: paid = 0 } = before.get(lineId) ?? {};
      const left = line.quantity - done;
      if (quantity > left) throw wrongLine(index, 'quantity', 'max', `must not be more than ${String(left)}`);
      return { lineId, quantity, amount: partOf(line.total, done + quantity, line.quantity) - paid };
    });
  }
}

/** So many of `of` units of a total; exact, rounded down to a minor unit. */
const partOf = (total: number, units: number, of: number): number =>
  Number((BigInt(total) * BigInt(units)) / BigInt(of));

function requireOneOf({ lines, amount }: RefundOrderDto): void {
  if ((lines ?? null) === null ? (amount ?? null) !== null : (amount ?? null) === null) return;
  throw new AppError(ValidationFailed, 'A refund is of lines or of an amount.', {
    errors: [{ pointer: '#/amount', code: 'oneOf', detail: 'must be given, or lines, and not both' }],
  });
}

const tooLarge = (asked: number, refundable: number): AppError =>
  new AppError(RefundTooLarge, `${String(asked)} can not be refunded: ${String(refundable)} can.`, {
    members: { refundable },
  });

const wrongLine = (index: number, member: string, code: string, detail: string): AppError =>
  new AppError(ValidationFailed, 'A line can not be refunded so.', {
    errors: [{ pointer: `#/lines/${String(index)}/${member}`, code, detail }],
  });
