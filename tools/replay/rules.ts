import { type LeftOutReason as NotGoods, whyNotGoods } from '../demo/goods.js';
import { MILLS } from '../demo/price.js';
import type { InvoiceLine } from '../demo/invoice-files.js';

/** Why a line, or a part of what it comes to, is left out. The text is what the command prints. */
export type LeftOutReason =
  | NotGoods
  | 'debts and their corrections'
  | 'an invoice number of an unknown form'
  | 'test codes'
  | 'a code that is no SKU'
  | 'no price'
  | 'a negative price'
  | 'a price in fractions of a penny'
  | 'a correction of the stock: no units, or fewer, without a cancellation'
  | 'more units than an order takes'
  | 'a cancellation that returns nothing'
  | 'a cancellation without a customer'
  | 'a cancellation without a purchase'
  | 'units of a cancellation beyond those bought'
  | 'the price of a cancellation differs from that of its purchase';

/** What a line is: goods that are bought or returned, or what leaves it out. */
export type LineKind = 'purchase' | 'cancellation' | { leftOut: LeftOutReason };

/** The SKUs that the API takes. */
const SKU = /^[A-Z0-9][A-Z0-9._/-]{0,63}$/;

/** The most units of one item of an order that the API takes. */
const MAX_UNITS = 100_000;

/** What a line is. The first rule that is for it decides. */
export function classify(line: InvoiceLine): LineKind {
  const isPurchase = /^\d+$/.test(line.invoice);
  if (/^A\d+$/.test(line.invoice)) return { leftOut: 'debts and their corrections' };
  if (!isPurchase && !/^C\d+$/.test(line.invoice)) return { leftOut: 'an invoice number of an unknown form' };
  const leftOut =
    whyCodeLeftOut(line.code) ??
    (isPurchase ? whyUnitsLeftOut(line) : undefined) ??
    whyPriceLeftOut(line.mills) ??
    (isPurchase ? undefined : whyCancellationLeftOut(line));
  if (leftOut) return { leftOut };
  return isPurchase ? 'purchase' : 'cancellation';
}

function whyCodeLeftOut(code: string): LeftOutReason | undefined {
  if (/^TEST\d*$/.test(code)) return 'test codes';
  return whyNotGoods(code) ?? (SKU.test(code) ? undefined : 'a code that is no SKU');
}

function whyUnitsLeftOut({ quantity }: InvoiceLine): LeftOutReason | undefined {
  if (quantity <= 0) return 'a correction of the stock: no units, or fewer, without a cancellation';
  return quantity > MAX_UNITS ? 'more units than an order takes' : undefined;
}

function whyPriceLeftOut(mills: number): LeftOutReason | undefined {
  if (mills < 0) return 'a negative price';
  if (mills === 0) return 'no price';
  return mills % MILLS === 0 ? undefined : 'a price in fractions of a penny';
}

function whyCancellationLeftOut({ quantity, customer }: InvoiceLine): LeftOutReason | undefined {
  if (quantity >= 0) return 'a cancellation that returns nothing';
  return customer === null ? 'a cancellation without a customer' : undefined;
}
