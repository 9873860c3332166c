/** Up to this many characters a text is one line; a longer one may have tabs and line breaks. */
export const LONGEST_LINE = 300;

/** Why a text can't be stored and sent as it is: a short code, and what to do in words. */
export interface TextFault {
  code: string;
  detail: string;
}

const ENCODING: TextFault = {
  code: 'encoding',
  detail: 'must be well-formed Unicode, without half of a surrogate pair and without the character U+0000',
};
const CONTROL: TextFault = { code: 'control', detail: 'must not have control characters' };
const CONTROL_IN_LINE: TextFault = {
  code: 'control',
  detail: 'must be one line, without tabs, line breaks and other control characters',
};

const MARKS: TextFault = { code: 'marks', detail: 'must not have more than 30 combining marks in a row' };

/** More marks in a row than the Stream-Safe Text Format has (UAX #15 §13): to put them in order takes the square of their number. */
const MANY_MARKS = /\p{M}{31}/u;

/** C0, DEL and C1: Unicode's category Cc. */
const CONTROLS = /\p{Cc}/u;
/** The same, but for tab, line feed and carriage return. */
const CONTROLS_IN_LINES = /[^\P{Cc}\t\n\r]/u;

/**
 * What is wrong with the characters of a text, if something is. PostgreSQL has no U+0000, UTF-8 has no lone surrogates
 * (RFC 3629 §3), and XML 1.0 has no control characters (§2.2).
 * @param maxLength how many characters the text may have: up to {@link LONGEST_LINE} it must be one line.
 */
export function faultOfText(text: string, maxLength = 0): TextFault | undefined {
  if (!text.isWellFormed() || text.includes('\0')) return ENCODING;
  if (MANY_MARKS.test(text)) return MARKS;
  if (maxLength > LONGEST_LINE) return CONTROLS_IN_LINES.test(text) ? CONTROL : undefined;
  return CONTROLS.test(text) ? CONTROL_IN_LINE : undefined;
}

/**
 * A text, or each text and name in a value of JSON, in the normal form in which it is compared and kept: NFC (UAX #15). What has no
 * {@link faultOfText} takes a time in proportion to its length.
 */
export function normalized(text: string): string;
export function normalized(value: unknown): unknown;
export function normalized(value: unknown): unknown {
  if (typeof value === 'string') return value.normalize('NFC');
  if (Array.isArray(value)) return value.map((item: unknown) => normalized(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [normalized(name), normalized(member)]));
}

/** How many characters a text has: code points, as `char_length` of PostgreSQL and JSON Schema's `maxLength` count. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    if (isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1))) {
      length -= 1;
      at += 1;
    }
  }
  return length;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/**
 * A character that can be seen: no space, control or format character, nothing that Unicode has renderers leave out (zero
 * widths, variation selectors, Hangul fillers), and not the empty braille pattern.
 */
const VISIBLE = /[^\p{Z}\p{C}\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]|\p{Co}/u;

/** Whether nothing of a text can be seen: it is empty, or has only spaces and invisible characters. */
export const isBlank = (text: string): boolean => !VISIBLE.test(text);
