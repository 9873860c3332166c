import { CURRENCIES, isCurrency } from './currencies.js';

/** Words and signs of one currency that the Unicode data of Intl do not give, in capital letters. */
const MORE: readonly (readonly [string, string])[] = [
  ['US$', 'USD'],
  ['EURO', 'EUR'],
  ['ZŁ', 'PLN'],
  ['KČ', 'CZK'],
  ['FT', 'HUF'],
];

/** What several currencies are written with: a dollar is of one country or another. */
const SHARED = new Set(['$', '¥']);

const signIn = (currency: string, currencyDisplay: 'symbol' | 'narrowSymbol'): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
    .formatToParts(0)
    .find(({ type }) => type === 'currency')?.value ?? currency;

/** The signs of all currencies. */
class Signs {
  /** The sign of each in its own country. */
  readonly narrow = new Map(CURRENCIES.map((code) => [code, signIn(code, 'narrowSymbol')]));

  /** The currencies by the signs that are theirs alone, such as € and CA$: with a sign of money in them, not of letters alone. */
  readonly byName = new Map<string, string>([
    ...CURRENCIES.map((code) => [signIn(code, 'symbol'), code] as const).filter(
      ([sign]) => /\p{Sc}/u.test(sign) && !SHARED.has(sign),
    ),
    ...MORE,
  ]);

  private readonly all = new Set([...this.narrow.values(), ...this.byName.keys()]);

  has(sign: string): boolean {
    return this.all.has(sign);
  }
}

let loaded: Signs | undefined;
// 300 formats: made when a price is read first
const signs = (): Signs => (loaded ??= new Signs());

/** The currency that a sign or code names by itself: EUR of `€`, `EUR` and `eur`; undefined for `$`. */
export function currencyNamed(mark: string): string | undefined {
  const name = mark.toUpperCase();
  return isCurrency(name) ? name : signs().byName.get(name);
}

/** Whether prices in a currency are written with a sign: `$` in USD and in AUD, kr in SEK. */
export const isSignOf = (sign: string, currency: string): boolean => signs().narrow.get(currency) === sign;

/** Whether a text is the code or the sign of some currency, or of several. */
export const isSign = (text: string): boolean => currencyNamed(text) !== undefined || signs().has(text);
