/** The days from 1899-12-30 to 1970-01-01. */
const DAYS_TO_1970 = 25_569;
/** The days from the first day of workbooks that count from 1904 to that of the others. */
const DAYS_TO_1904 = 1462;
/** 9999-12-31. */
const LAST_DAY = 2_958_465;
const SECONDS = 86_400;

/**
 * A number as a person would write it: `19.99` for `19.989999999999998`, and no exponent. Spreadsheets keep 15 digits; whole
 * numbers stay as they are.
 */
export function spelledNumber(value: string): string {
  if (/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return value;
  const spelled = String(Number(number.toPrecision(15)));
  if (!spelled.includes('e')) return spelled;
  const [, sign = '', digits = '', fraction = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(spelled) ?? [];
  const places = Number(exponent);
  const all = digits + fraction;
  return places < 0 ? `${sign}0.${'0'.repeat(-places - 1)}${all}` : `${sign}${all.padEnd(places + 1, '0')}`;
}

/**
 * A date and time as ISO 8601 has it, without what is not there: `2026-11-20`, `2026-11-20T09:30:00`, `09:30:00`.
 * @param value days since the first day of the workbook.
 */
export function spelledDate(value: string, countsFrom1904: boolean): string {
  const serial = Number(value);
  if (value.trim() === '' || !Number.isFinite(serial) || serial < 0) return spelledNumber(value);
  const days = serial + (countsFrom1904 ? DAYS_TO_1904 : 0);
  if (days >= LAST_DAY + 1) return spelledNumber(value);
  const seconds = Math.round(days * SECONDS);
  // to Excel 1900 was a leap year: its days before 1 March are one less
  const leap = days < 60 && !countsFrom1904 ? SECONDS : 0;
  const text = new Date((seconds + leap - DAYS_TO_1970 * SECONDS) * 1000).toISOString();
  if (seconds < SECONDS) return text.slice(11, 19);
  return text.slice(0, seconds % SECONDS === 0 ? 10 : 19);
}

/** The built-in formats of dates and times: ECMA-376 part 1 §18.8.30, with those of East Asian languages. */
export const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Whether a format of a workbook's own is one of dates or times: `dd.mm.yyyy`, `[h]:mm`, but not `0.00 "days"` or `[Red]0`. */
export const isDateFormat = (code: string): boolean =>
  /[dmyhs]/i.test(code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]|General/gi, ''));
