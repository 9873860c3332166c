const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** How many mills are a penny: a mill is a tenth of one, the finest that the data has a price in. */
export const MILLS = 10;

/**
 * A price in pounds as the data writes it (`2.55`, `15.0`, `-11062.06`), in pennies. Read digit by digit, so no price
 * is off by a rounding of floating point.
 *
 * @returns undefined for a price in fractions of a penny (`0.001`)
 * @throws RangeError for what is no decimal number
 */
export function toPennies(price: string): number | undefined {
  const { sign, pounds, decimals } = digitsOf(price);
  if (/[1-9]/.test(decimals.slice(2))) {
    return undefined;
  }
  return sign * Number(pounds + decimals.slice(0, 2).padEnd(2, '0')) + 0;
}

/**
 * A price in pounds as the data writes it, in mills (tenths of a penny), exactly: `0.001` is 1, `2.55` is 2550.
 *
 * @throws RangeError for what is no decimal number, or finer than a mill
 */
export function toMills(price: string): number {
  const { sign, pounds, decimals } = digitsOf(price);
  if (/[1-9]/.test(decimals.slice(3))) {
    throw new RangeError(`"${price}" is finer than a tenth of a penny`);
  }
  return sign * Number(pounds + decimals.slice(0, 3).padEnd(3, '0')) + 0;
}

function digitsOf(price: string): { sign: 1 | -1; pounds: string; decimals: string } {
  const match = DECIMAL.exec(price);
  if (match === null) {
    throw new RangeError(`"${price}" is not a price`);
  }
  const [, sign = '', pounds = '', decimals = ''] = match;
  return { sign: sign === '-' ? -1 : 1, pounds, decimals };
}
