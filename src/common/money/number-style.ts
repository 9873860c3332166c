/** How the numbers of a language are written. */
export interface NumberStyle {
  locale: string;
  /** What may stand before the fraction. */
  decimals: string;
  /** What may stand between groups of digits. */
  groups: string;
}

/** A number as its digits. */
export interface WrittenNumber {
  isNegative: boolean;
  whole: string;
  fraction: string;
}

/** Between groups alone, in any language. */
const ALWAYS_GROUPS = " '";
const SPACES = /[\u00A0\u2009\u202F]/g;
const APOSTROPHES = /[\u2019\u02BC]/g;

/** Digits in groups of three, between them always the same. */
const GROUPED = /^[1-9]\d{0,2}(?:([., '])\d{3})(?:\1\d{3})*(?:([.,])(\d+))?$/;
const PLAIN = /^(\d+)(?:[.,](\d+))?$/;
/** One, two or three digits, a separator and three more: a thousand and something, or a fraction. */
const AMBIGUOUS = /^[1-9]\d{0,2}[.,]\d{3}$/;

/** The separators of a language tag (BCP 47), of plain numbers and of prices. @throws RangeError for what is no tag. */
export function numberStyleOf(locale: string): NumberStyle {
  const parts = (['decimal', 'currency'] as const).flatMap((style) =>
    new Intl.NumberFormat(locale, {
      style,
      currency: 'CHF',
      numberingSystem: 'latn',
      useGrouping: 'always',
    }).formatToParts(1234567.8),
  );
  const separators = (type: 'decimal' | 'group'): string =>
    [...new Set(parts.filter((part) => part.type === type).map(({ value }) => unified(value)))].join('');
  return { locale, decimals: separators('decimal'), groups: separators('group') + ALWAYS_GROUPS };
}

/**
 * Reads a number as people write it: `1.299,95`, `1 299.95`, `-5`.
 * @param style how it is written; without it, only what can be read in one way is read.
 * @returns undefined when it is no number; `ambiguous` when it can be read in two ways.
 */
export function readNumber(text: string, style?: NumberStyle): WrittenNumber | 'ambiguous' | undefined {
  const [, sign, digits = ''] = /^([-\u2212]?)\s*(\d.*)$/.exec(unified(text.trim())) ?? [];
  const isNegative = sign !== '';
  if (!style && AMBIGUOUS.test(digits)) return 'ambiguous';
  const read = style ? readInStyle(digits, style) : readPlain(digits);
  return read && { isNegative, ...read };
}

/** Spaces and apostrophes have several characters each. */
const unified = (text: string): string => text.replace(SPACES, ' ').replace(APOSTROPHES, "'");

function readPlain(digits: string): Omit<WrittenNumber, 'isNegative'> | undefined {
  const [, plain, plainFraction = ''] = PLAIN.exec(digits) ?? [];
  if (plain !== undefined) return { whole: plain, fraction: plainFraction };
  const [grouped, group, decimal, fraction = ''] = GROUPED.exec(digits) ?? [];
  if (grouped === undefined || group === decimal) return undefined;
  const whole = grouped.slice(0, decimal === undefined ? undefined : grouped.lastIndexOf(decimal));
  return { whole: whole.replaceAll(/\D/g, ''), fraction };
}

/** Groups may be of two digits, as in India; the last one is of three. */
function readInStyle(digits: string, { decimals, groups }: NumberStyle): Omit<WrittenNumber, 'isNegative'> | undefined {
  const pattern = new RegExp(`^(\\d+|[1-9]\\d{0,2}(?:([${groups}])(?:\\d{2,3}\\2)*\\d{3}))(?:[${decimals}](\\d+))?$`);
  const [, whole, , fraction = ''] = pattern.exec(digits) ?? [];
  return whole === undefined ? undefined : { whole: whole.replaceAll(/\D/g, ''), fraction };
}
