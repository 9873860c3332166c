import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** The encodings of files, by their names in the WHATWG Encoding Standard. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const MARKS: readonly (readonly [Encoding, Buffer])[] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
];

/** The part of UTF-16 code units that are ASCII: delimiters, digits and SKUs alone are more in a file of any language. */
const LEAST_ASCII = 0.1;

/**
 * The encoding of a text, by its byte order mark or by its beginning. What is not UTF-8 is Windows-1252, in which every byte is a
 * character; but a text with more letters in UTF-8 than broken bytes is UTF-8 that was damaged.
 * @param isWhole whether there is no more of the text: otherwise its last character may be cut.
 */
export function encodingOf(beginning: Buffer, isWhole: boolean): Encoding {
  const marked = MARKS.find(([, mark]) => beginning.subarray(0, mark.length).equals(mark));
  if (marked) return marked[0];
  const utf16 = utf16Of(beginning);
  if (utf16) return utf16;
  const text = new TextDecoder('utf-8').decode(beginning, { stream: !isWhole });
  return isMostlyUtf8(text) ? 'utf-8' : 'windows-1252';
}

/** UTF-16 without a mark: every other byte of ASCII is zero, on one side. */
function utf16Of(bytes: Buffer): Encoding | undefined {
  if (!bytes.includes(0)) return undefined;
  let [little, big] = [0, 0];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (bytes[at + 1] === 0 && isAscii(bytes[at])) little++;
    if (bytes[at] === 0 && isAscii(bytes[at + 1])) big++;
  }
  const [encoding, ascii, other] =
    little > big ? (['utf-16le', little, big] as const) : (['utf-16be', big, little] as const);
  return ascii > 2 * other && ascii * 2 >= bytes.length * LEAST_ASCII ? encoding : undefined;
}

/** Whether the byte is what texts are made of: a NUL is not. */
const isAscii = (byte = 0): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;

function isMostlyUtf8(text: string): boolean {
  let [broken, letters] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0xfffd) broken++;
    else if (unit >= 0x80) letters++;
  }
  return broken === 0 || letters > broken;
}

/** Decodes lines, each for itself: a line break is never within a character. */
export class LineDecoder {
  /** How many bytes the shortest character has; all have a multiple of it. */
  readonly unit: 1 | 2;
  private readonly decoder: TextDecoder;

  constructor(private readonly encoding: Encoding) {
    this.unit = encoding === 'utf-16le' || encoding === 'utf-16be' ? 2 : 1;
    this.decoder = new TextDecoder(encoding, { ignoreBOM: true });
  }

  /** The bytes of an ASCII character. */
  bytesOf(character: number): Buffer {
    if (this.unit === 1) return Buffer.from([character]);
    return Buffer.from(this.encoding === 'utf-16le' ? [character, 0] : [0, character]);
  }

  /** What is not in the encoding stands as U+FFFD. */
  decode(bytes: Uint8Array): string {
    return this.decoder.decode(bytes);
  }

  /** Whether all of the bytes are in the encoding. */
  isWhole(bytes: Uint8Array, text: string): boolean {
    if (!text.includes('\uFFFD')) return true;
    if (this.encoding === 'utf-8') return isUtf8(bytes);
    try {
      new TextDecoder(this.encoding, { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  }
}
