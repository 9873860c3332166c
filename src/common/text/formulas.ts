/**
 * What spreadsheets take for the beginning of a formula, also in its full-width forms, and after what they leave out (OWASP, CSV
 * Injection); apostrophes before it are those of {@link guarded}.
 */
const FORMULA = /^'*[\t\r\n ]*[=+\-@＝＋－＠|%]/;
const GUARDED = /^'+[\t\r\n ]*[=+\-@＝＋－＠|%]/;

/**
 * The text with an apostrophe before it, if a spreadsheet would compute it. So is a text that has such apostrophes already: what
 * {@link unguarded} makes of it is the text again, of every text.
 */
export const guarded = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** The text without the apostrophe that keeps it from being a formula; `'Tis` keeps its own. */
export const unguarded = (text: string): string => (GUARDED.test(text) ? text.slice(1) : text);
