import { TextDecoder } from 'node:util';
import { type Encoding, encodingOf, LineDecoder } from './reader.encoding.js';

/**
 * The longest line and the longest record, in bytes. A product at all its limits, every character of it escaped, is
 * shorter; what is read and checked in one go stays below some 10 ms.
 */
export const MAX_LINE_BYTES = 256 * 1024;

/** How many bytes are cut into lines at once: of the shortest lines, 64 Ki of them. An even number: UTF-16 is not cut in a character. */
const PIECE_BYTES = 64 * 1024;

/** By how many bytes of its beginning a text is looked at before it is read. */
export const BEGINNING_BYTES = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** One line of a text, as an editor counts it. */
export interface Line {
  /** From 1. */
  number: number;
  /** Without its LF; a CR before that is still there. What is not in the encoding stands as U+FFFD. Empty when too long. */
  text: string;
  /** Whether all bytes are in the encoding of the text. */
  isText: boolean;
  tooLong: boolean;
  /** How many bytes of the stream the text has up to here. */
  end: number;
}

/** A text whose beginning was looked at, to be read line by line. */
export class Text {
  private constructor(
    readonly encoding: Encoding,
    /** The beginning, decoded; its last character may be broken. */
    readonly beginning: string,
    private readonly chunks: AsyncIterable<Buffer>,
  ) {}

  /** Reads the first 64 KiB of a stream, however they come: a text that is read again is taken for the same. */
  static async open(stream: AsyncIterable<Uint8Array | string>): Promise<Text> {
    const source = stream[Symbol.asyncIterator]();
    const read: Buffer[] = [];
    let length = 0;
    let isWhole = false;
    while (length < BEGINNING_BYTES && !isWhole) {
      const next = await source.next();
      if (next.done) {
        isWhole = true;
      } else {
        const bytes = Buffer.from(next.value);
        read.push(bytes);
        length += bytes.length;
      }
    }
    const beginning = Buffer.concat(read).subarray(0, BEGINNING_BYTES);
    const encoding = encodingOf(beginning, isWhole && length <= BEGINNING_BYTES);
    return new Text(encoding, new TextDecoder(encoding).decode(beginning), chain(read, source));
  }

  /** The lines, handed out as they come, many at a time. A byte order mark at the beginning is left out. */
  async *lines(): AsyncGenerator<Line[]> {
    const cutter = new LineCutter(new LineDecoder(this.encoding), endsLinesWithCr(this.beginning));
    for await (const chunk of this.chunks) {
      for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
        const lines = cutter.cut(chunk.subarray(start, start + PIECE_BYTES));
        if (lines.length > 0) yield lines;
      }
    }
    const last = cutter.finish();
    if (last) yield [last];
  }
}

/** What was read of a source, and the rest of it. */
export async function* chain(read: Buffer[], source: AsyncIterator<Uint8Array | string>): AsyncGenerator<Buffer> {
  try {
    yield* read.splice(0);
    for (let next = await source.next(); !next.done; next = await source.next()) yield Buffer.from(next.value);
  } finally {
    await source.return?.();
  }
}

/** Whether the first line break outside of quotes is a CR alone, as Mac OS wrote it: in other files such a CR is a part of its line. */
function endsLinesWithCr(beginning: string): boolean {
  let quoted = false;
  for (let at = 0; at < beginning.length; at++) {
    const character = beginning.charCodeAt(at);
    if (character === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (character === LF) return false;
    else if (character === CR) return at + 1 < beginning.length && beginning.charCodeAt(at + 1) !== LF;
  }
  return false;
}

class LineCutter {
  /** The beginning of a line whose end hasn't come yet. */
  private parts: Buffer[] = [];
  private length = 0;
  private number = 0;
  private end = 0;
  /** The first half of a code unit whose second half hasn't come yet. */
  private half: Buffer | undefined;
  /** Whether the last line ended with a CR that an LF may belong to. */
  private afterCr = false;

  private readonly lf: Buffer;
  private readonly cr: Buffer;

  /** @param cutsAtCr whether a CR ends a line, too: also one without an LF. */
  constructor(
    private readonly decoder: LineDecoder,
    private readonly cutsAtCr: boolean,
  ) {
    this.lf = decoder.bytesOf(LF);
    this.cr = decoder.bytesOf(CR);
  }

  cut(piece: Buffer): Line[] {
    const chunk = this.decoder.unit === 1 ? piece : this.align(piece);
    const lines: Line[] = [];
    const { unit } = this.decoder;
    let start = 0;
    let lf = this.find(chunk, this.lf, 0);
    let cr = this.cutsAtCr ? this.find(chunk, this.cr, 0) : chunk.length;
    for (let at = Math.min(lf, cr); at < chunk.length; at = Math.min(lf, cr)) {
      if (at === lf && at === start && this.afterCr && this.length === 0) {
        // of the line before, which is handed out already
        this.end += unit;
      } else {
        this.keep(chunk.subarray(start, at));
        lines.push(this.line(unit));
      }
      this.afterCr = at === cr;
      start = at + unit;
      if (lf < start) lf = this.find(chunk, this.lf, start);
      if (cr < start) cr = this.find(chunk, this.cr, start);
    }
    this.keep(chunk.subarray(start));
    return lines;
  }

  finish(): Line | undefined {
    if (this.half) this.keep(this.half);
    return this.length > 0 ? this.line(0) : undefined;
  }

  /** Where a character is; the end of the chunk when it isn't there. */
  private find(chunk: Buffer, character: Buffer, from: number): number {
    const { unit } = this.decoder;
    let at = unit === 1 ? chunk.indexOf(character[0] ?? LF, from) : chunk.indexOf(character, from);
    while (at !== -1 && at % unit !== 0) at = chunk.indexOf(character, at + 1);
    return at === -1 ? chunk.length : at;
  }

  private align(piece: Buffer): Buffer {
    const bytes = this.half ? Buffer.concat([this.half, piece]) : piece;
    const whole = bytes.length - (bytes.length % 2);
    this.half = whole < bytes.length ? bytes.subarray(whole) : undefined;
    return bytes.subarray(0, whole);
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.length += bytes.length;
    if (this.length > MAX_LINE_BYTES) this.parts = [];
    else this.parts.push(bytes);
  }

  private line(delimiterBytes: number): Line {
    const tooLong = this.length > MAX_LINE_BYTES;
    const [only] = this.parts;
    const bytes = this.parts.length === 1 && only ? only : Buffer.concat(this.parts);
    const text = tooLong ? '' : this.decoder.decode(bytes);
    this.number++;
    this.end += this.length + delimiterBytes;
    this.parts = [];
    this.length = 0;
    return {
      number: this.number,
      text: this.number === 1 ? text.replace(/^\uFEFF/, '') : text,
      isText: this.decoder.isWhole(bytes, text),
      tooLong,
      end: this.end,
    };
  }
}
