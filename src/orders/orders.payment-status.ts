/** How far an order is paid: derived from its payment attempts, by `paymentStatusOf` alone. */
export const PAYMENT_STATUSES = [
  'unpaid',
  'authorized',
  'paid',
  'partially_refunded',
  'refunded',
  'unresolved',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What the payment attempts of an order sum to, in minor units of its currency. */
export interface PaymentSums {
  /** Authorized and not voided, captured or not. */
  authorized: number;
  captured: number;
  refunded: number;
  /** Whether the outcome of an attempt is unknown. */
  isUnresolved: boolean;
}

/** How far an order of a total is paid. An order of total 0 is paid from the beginning. */
export function paymentStatusOf(
  total: number,
  { authorized, captured, refunded, isUnresolved }: PaymentSums,
): PaymentStatus {
  if (isUnresolved) return 'unresolved';
  if (captured > 0 && refunded >= captured) return 'refunded';
  if (refunded > 0) return 'partially_refunded';
  if (captured >= total) return 'paid';
  return authorized > 0 || captured > 0 ? 'authorized' : 'unpaid';
}

/** Whether an order of a total may be sent: all of it is authorized or captured. */
export const isCovered = (
  total: number,
  { authorized, captured }: Pick<PaymentSums, 'authorized' | 'captured'>,
): boolean => Math.max(authorized, captured) >= total;
