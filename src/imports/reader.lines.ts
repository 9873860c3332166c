import { isUtf8 } from 'node:buffer';

/**
 * The longest line and the longest record, in bytes. A product at all its limits, every character of it escaped, is
 * shorter; what is read and checked in one go stays below some 10 ms.
 */
export const MAX_LINE_BYTES = 256 * 1024;

/** How many bytes are cut into lines at once: of the shortest lines, 64 Ki of them. */
const PIECE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/** One line of a text, as an editor counts it. */
export interface Line {
  /** From 1. */
  number: number;
  /** Without its LF; a CR before that is still there. What is not UTF-8 stands as U+FFFD. Empty when too long. */
  text: string;
  /** Whether the bytes are UTF-8. */
  isText: boolean;
  tooLong: boolean;
  /** How many bytes of the stream the text has up to here. */
  end: number;
}

/** Cuts a stream into lines, handed out as they come, many at a time. A byte order mark at the beginning is left out. */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line[]> {
  const cutter = new LineCutter();
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      const lines = cutter.cut(bytes.subarray(start, start + PIECE_BYTES));
      if (lines.length > 0) yield lines;
    }
  }
  const last = cutter.finish();
  if (last) yield [last];
}

class LineCutter {
  /** The beginning of a line whose end hasn't come yet. */
  private parts: Buffer[] = [];
  private length = 0;
  private number = 0;
  private end = 0;

  cut(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      this.keep(chunk.subarray(start, at));
      lines.push(this.line(1));
      start = at + 1;
    }
    this.keep(chunk.subarray(start));
    return lines;
  }

  finish(): Line | undefined {
    return this.length > 0 ? this.line(0) : undefined;
  }

  private keep(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.length > MAX_LINE_BYTES) this.parts = [];
    else this.parts.push(bytes);
  }

  private line(delimiterBytes: number): Line {
    const tooLong = this.length > MAX_LINE_BYTES;
    const [only] = this.parts;
    const bytes = this.parts.length === 1 && only ? only : Buffer.concat(this.parts);
    const text = tooLong ? '' : bytes.toString('utf8');
    this.number++;
    this.end += this.length + delimiterBytes;
    this.parts = [];
    this.length = 0;
    return {
      number: this.number,
      text: this.number === 1 ? text.replace(/^\uFEFF/, '') : text,
      isText: !text.includes('\uFFFD') || isUtf8(bytes),
      tooLong,
      end: this.end,
    };
  }
}
