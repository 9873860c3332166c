import { decimalsOf } from './currencies.js';

/** An amount as people read it, the same in any language: `GBP 19.99`, `JPY 1999`, `KWD 1.500`. Made of digits, so that nothing is rounded. */
export function formatMoney({ amount, currency }: { amount: number; currency: string }): string {
  const decimals = decimalsOf(currency) ?? 0;
  const digits = String(Math.abs(amount)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  return `${currency} ${amount < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
