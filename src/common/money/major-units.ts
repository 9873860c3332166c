import { currencyNamed, isSign, isSignOf } from './currency-signs.js';
import { decimalsOf } from './currencies.js';
import type { MoneyDto } from './money.dto.js';
import { type NumberStyle, readNumber } from './number-style.js';

/** What a price is read by. */
export interface PriceContext {
  /** The currency that stands beside the price. */
  beside?: string;
  /** The currency of prices that name none. */
  otherwise?: string;
  /** How numbers are written. */
  style?: NumberStyle;
}

/** Why a price can't be read: a short code, and what to do in words. */
export interface PriceFault {
  code: string;
  detail: string;
}

/** How long a price may be, in characters. */
const MAX_PRICE = 40;

/** A sign or code, the number, and a sign or code; `-` for no minor units may stand behind a separator: 19,-. */
const PRICE =
  /^(?<sign>[-\u2212]?)\s*(?<before>[^\d\s.,'-][^\d.,'-]*)?(?<number>[-\u2212]?\s*\d[^\p{L}\p{Sc}]*?)(?:[.,][-\u2013\u2014]{1,2})?\s*(?<after>[\p{L}\p{Sc}].*)?$/u;

/**
 * Reads a price in major units as people write it: `19.99`, `1.299,95 €`, `GBP 1,299.95`. Never guesses: what may be one amount or
 * a thousand times that is a fault.
 * @returns the amount in minor units; of a currency that is none, 0.
 */
export function readPrice(text: string, context: PriceContext): MoneyDto | PriceFault {
  const shown = text.length > MAX_PRICE ? `${text.slice(0, MAX_PRICE - 1)}…` : text;
  if (shown !== text) return wrong(shown, context.style);
  const { sign = '', before = '', number = '', after = '' } = PRICE.exec(text.trim())?.groups ?? {};
  const read = readNumber(`${sign}${number}`, context.style);
  if (read === 'ambiguous') return ambiguous(shown);
  const marks = [before.trim(), after.trim()].filter((mark) => mark !== '');
  if (!read || !marks.every(isSign)) return wrong(shown, context.style);
  const currency = currencyOf(marks, context);
  if (typeof currency !== 'string') return currency;
  const decimals = decimalsOf(currency);
  if (decimals === undefined) return { amount: 0, currency };
  const other = marks.find((mark) => currencyNamed(mark) !== currency && !isSignOf(mark, currency));
  if (other !== undefined) {
    return { code: 'currency', detail: `${other} is not a sign of ${currency}, the currency of the price` };
  }
  const { isNegative, whole, fraction } = read;
  // zeros behind the currency's own decimal places take nothing away
  if (fraction.replace(/0+$/, '').length > decimals) {
    const detail = `${shown} has ${fraction.length === 1 ? '1 decimal place' : `${String(fraction.length)} decimal places`}, and ${currency} has ${String(decimals)}`;
    return { code: 'decimals', detail };
  }
  return {
    amount: Number(`${isNegative ? '-' : ''}${whole}${fraction.padEnd(decimals, '0').slice(0, decimals)}`),
    currency,
  };
}

function currencyOf(marks: readonly string[], { beside, otherwise }: PriceContext): string | PriceFault {
  const currency = beside ?? marks.map(currencyNamed).find((named) => named !== undefined) ?? otherwise;
  if (currency !== undefined) return currency;
  const [mark] = marks;
  const reason = mark === undefined ? 'names no currency' : `${mark} is the sign of several currencies`;
  return { code: 'currency', detail: `${reason}: add the column price.currency, or state the option currency` };
}

const ambiguous = (shown: string): PriceFault => ({
  code: 'ambiguous',
  detail: `${shown} may be read in two ways: state how numbers are written by the option locale, e.g. de-DE or en-GB`,
});

const wrong = (shown: string, style: NumberStyle | undefined): PriceFault => ({
  code: 'price',
  detail:
    shown.trim() === ''
      ? 'is empty: write the price in major units, e.g. 19.99'
      : `${shown} is not a price${style ? ` as ${style.locale} writes it` : ''}: write it in major units, e.g. 19.99`,
});
