import { decimalsOf } from './currencies.js';

/** An amount in major units, as people write it: 24.00, 24,5. */
const MAJOR_UNITS = /^(\d{1,12})[.,](\d{1,4})$/;

/**
 * Says what is wrong with an amount that is not a whole number of minor units, and what to write instead where that is
 * certain. `24.00` is refused although it is a whole number: it means GBP 24.00, which is 2400.
 * @param value as it was sent: the text of a cell, or a member of a JSON object.
 */
export function describeWrongAmount(value: unknown, currency: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '$property must be a whole number of minor units';
  const text = String(value);
  if (/^\d+$/.test(text)) return '$property must be a number, not a text: write it without quotes';
  if (text === '') return '$property must be a whole number of minor units, e.g. 1999 for GBP 19.99';
  const shown = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  return `${shown} is not a whole number of minor units; ${correctionOf(text, currency)}`;
}

function correctionOf(text: string, currency: unknown): string {
  const decimals = decimalsOf(currency);
  const [, whole, fraction] = MAJOR_UNITS.exec(text) ?? [];
  if (decimals === undefined || whole === undefined || fraction === undefined) {
    return 'write digits only, e.g. 1999 for GBP 19.99';
  }
  const zeros = fraction.slice(decimals);
  // 1.000 may be one or a thousand: no guess.
  if (/[^0]/.test(zeros) || fraction.length > Math.max(decimals, 2)) {
    return `write digits only, with ${String(decimals)} decimal places of ${String(currency)} and no point`;
  }
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0');
  const major = decimals === 0 ? whole : `${whole}.${kept}`;
  return `for ${String(currency)} ${major} write ${String(Number(`${whole}${kept}`))}`;
}
