import type { Mail } from '../common/mail/mailer.js';
import { formatMoney } from '../common/money/format-money.js';
import type { FulfillmentDto } from './dto/fulfillment.dto.js';
import type { OrderDto } from './dto/order.dto.js';

/** Tells a customer that an order is paid for, and what is in it. The address is not in it: mails are kept for long. */
export function orderConfirmedMail(to: string, { number, items, shipping, total }: OrderDto): Mail {
  const lines = items.map((item) => `${String(item.quantity)} × ${item.name}: ${formatMoney(item.total)}`);
  if (shipping) lines.push(`${shipping.name}: ${formatMoney(shipping.total)}`);
  return {
    to,
    subject: `Your order ${number} is confirmed`,
    text: `Hello,

thank you for your order ${number}. It is confirmed, and will be sent soon.

${lines.join('\n')}

Total: ${formatMoney(total)}

Stockroom
`,
  };
}

/** Tells a customer that a parcel was sent, and what is in it. */
export function orderSentMail(
  to: string,
  { number, items }: OrderDto,
  { lines, carrier, trackingNumber }: FulfillmentDto,
): Mail {
  const names = new Map(items.map(({ id, name }) => [id, name]));
  const sent = lines.map(({ lineId, quantity }) => `${String(quantity)} × ${names.get(lineId) ?? ''}`);
  const open = items.some(({ quantity, fulfilledQuantity }) => fulfilledQuantity < quantity);
  const parcel = [
    ...(carrier === null ? [] : [`Carrier: ${carrier}`]),
    ...(trackingNumber === null ? [] : [`Tracking number: ${trackingNumber}`]),
  ];
  return {
    to,
    subject: `Your order ${number} was sent`,
    text: `Hello,

a parcel of your order ${number} was sent:

${[...sent, ...(parcel.length > 0 ? ['', ...parcel] : [])].join('\n')}

${open ? 'The rest of your order will be sent later.' : 'With it, your order is complete.'}

Stockroom
`,
  };
}
