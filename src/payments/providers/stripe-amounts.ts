/**
 * Currencies whose amounts Stripe takes in another unit than the minor unit of ISO 4217: so many of its units make one of ours.
 * Source: https://docs.stripe.com/currencies, special cases.
 */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ISK', 100],
  ['UGX', 100],
  ['MGA', 0.01],
]);

/** Of these the last digit has to be 0. */
const TENS = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** An amount in minor units as Stripe takes it; undefined for one that it does not take. */
export function toStripeAmount(amount: number, currency: string): number | undefined {
  const converted = amount * (UNITS.get(currency) ?? 1);
  const isTaken = Number.isSafeInteger(converted) && (!TENS.has(currency) || converted % 10 === 0);
  return isTaken ? converted : undefined;
}

/** An amount of Stripe in minor units. */
export const fromStripeAmount = (amount: number, currency: string): number =>
  Math.round(amount / (UNITS.get(currency.toUpperCase()) ?? 1));
