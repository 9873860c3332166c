const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** How many mills are a penny: a mill is a tenth of one, the finest that the data has a price in. */
export const MILLS = 10;

/**
 * A price in pounds as the data writes it (`2.55`, `15.0`, `0.001`, `-11062.06`), in mills. Read digit by digit, so no
 * price is off by a rounding of floating point.
 *
 * @throws RangeError for what is no decimal number, or is finer than a mill
 */
export function toMills(price: string): number {
  const match = DECIMAL.exec(price);
  if (match === null) {
    throw new RangeError(`"${price}" is not a price`);
  }
  const [, sign = '', pounds = '', decimals = ''] = match;
  if (/[1-9]/.test(decimals.slice(3))) {
    throw new RangeError(`"${price}" is finer than a tenth of a penny`);
  }
  const mills = Number(pounds + decimals.slice(0, 3).padEnd(3, '0'));
  return sign === '-' ? 0 - mills : mills;
}
