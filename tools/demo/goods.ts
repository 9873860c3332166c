/** Why a code of the data is no product of the demo shop. The text is what the command prints. */
export type LeftOutReason =
  | 'postage, carriage and packing'
  | 'fees, discounts and bookkeeping'
  | 'gift vouchers'
  | 'samples'
  | 'no description'
  | 'no price above zero in whole pennies';

// Found by reading every code that is not five digits and a letter, and every name that speaks of a service.
const SERVICE_CODES: ReadonlyMap<string, LeftOutReason> = new Map<string, LeftOutReason>([
  ['POST', 'postage, carriage and packing'],
  ['DOT', 'postage, carriage and packing'],
  ['C2', 'postage, carriage and packing'],
  ['23444', 'postage, carriage and packing'], // "Next Day Carriage"
  ['23574', 'postage, carriage and packing'], // "PACKING CHARGE"
  ['AMAZONFEE', 'fees, discounts and bookkeeping'],
  ['BANK CHARGES', 'fees, discounts and bookkeeping'],
  ['CRUK', 'fees, discounts and bookkeeping'], // commission on sales for a charity
  ['B', 'fees, discounts and bookkeeping'], // "Adjust bad debt"
  ['D', 'fees, discounts and bookkeeping'], // "Discount"
  ['M', 'fees, discounts and bookkeeping'], // "Manual"
  ['22016', 'gift vouchers'], // "Dotcomgiftshop Gift Voucher £100.00"
  ['S', 'samples'],
]);

// Only the remarks that would pass for a name by their capitals; the others are recognized by small letters.
const REMARK =
  /\b(?:adjust\w*|amazon|dagamed|damage[ds]?|debt|ebay|error|fba|found|lost|mia|missing|returned|samples?|sold|thrown)\b/i;

/**
 * The code as the catalogue writes it. `85123a` and `85123A` are one product: each of the 94 pairs of goods
 * that differ only in the case of a letter names the same thing.
 */
export function normaliseCode(code: string): string {
  return code.trim().toUpperCase();
}

/** Why the code stands for a service, a fee or a booking; undefined when it stands for goods. Takes a normalised code. */
export function whyNotGoods(code: string): LeftOutReason | undefined {
  return code.startsWith('GIFT_') ? 'gift vouchers' : SERVICE_CODES.get(code);
}

/**
 * Whether a description names the goods. The till prints names in capitals (`SET/6 RED SPOTTY PAPER CUPS`) or, for a
 * few, with a capital on each word; what a stock clerk leaves in its place is empty, `?`, or a remark such as
 * `damaged`, `thrown away` or `Dotcom set`.
 */
export function isRealDescription(description: string): boolean {
  const words = description.match(/[a-z']{3,}/gi) ?? [];
  if (words.length === 0 || REMARK.test(description)) {
    return false;
  }
  const capitalised = words.filter((word) => /^[A-Z]/.test(word)).length;
  const inCapitals = description.replace(/[^A-Z]/g, '').length > description.replace(/[^a-z]/g, '').length;
  return inCapitals || (words.length > 1 && capitalised === words.length);
}
