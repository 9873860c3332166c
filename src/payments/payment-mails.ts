import type { Mail } from '../common/mail/mailer.js';
import { formatMoney } from '../common/money/format-money.js';
import type { MoneyDto } from '../common/money/money.dto.js';
import type { OrderDto } from '../orders/dto/order.dto.js';

/** Tells a customer that money was paid back, and how much of the order's total is by now. */
export function paymentRefundedMail(to: string, { number, total, refunded }: OrderDto, amount: MoneyDto): Mail {
  return {
    to,
    subject: `A refund of your order ${number}`,
    text: `Hello,

we have refunded ${formatMoney(amount)} of your order ${number}, to what you paid with. It may take a few days until you see it there.

Total of the order: ${formatMoney(total)}
Refunded so far: ${formatMoney(refunded)}

Stockroom
`,
  };
}

/** Tells a customer that a payment was declined, and until when the order waits for another one. */
export function paymentDeclinedMail(to: string, { number, status, expiresAt }: OrderDto, amount: MoneyDto): Mail {
  const next =
    status === 'pending' && expiresAt !== null
      ? `No money was taken. Your order is reserved until ${expiresAt.replace('T', ' ').slice(0, 16)} UTC: until then you can pay it in another way.`
      : 'No money was taken.';
  return {
    to,
    subject: `The payment of your order ${number} failed`,
    text: `Hello,

your payment of ${formatMoney(amount)} for the order ${number} was declined. ${next}

Stockroom
`,
  };
}
