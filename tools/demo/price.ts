const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * A price in pounds as the data writes it (`2.55`, `15.0`, `-11062.06`), in pennies. Read digit by digit, so no price
 * is off by a rounding of floating point.
 *
 * @returns undefined for a price in fractions of a penny (`0.001`)
 * @throws RangeError for what is no decimal number
 */
export function toPennies(price: string): number | undefined {
  const match = DECIMAL.exec(price);
  if (match === null) {
    throw new RangeError(`"${price}" is not a price`);
  }
  const [, sign = '', pounds = '', decimals = ''] = match;
  if (/[1-9]/.test(decimals.slice(2))) {
    return undefined;
  }
  const pennies = Number(pounds + decimals.slice(0, 2).padEnd(2, '0'));
  return sign === '-' ? 0 - pennies : pennies;
}
