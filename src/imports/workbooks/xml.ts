import { SaxesParser } from 'saxes';
import { MAX_LINE_BYTES } from '../reader.lines.js';
import { broken } from './zip.js';

/** Gets what a document has, in its order; names are without their prefix. */
export interface XmlHandler {
  open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
}

/** Reads XML as it comes. Of a tag or a text only {@link MAX_LINE_BYTES} and a chunk are held; entities of its own are an error. */
export class XmlReader {
  private readonly parser = new SaxesParser();
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  /** How many bytes came since something was found in them. */
  private waiting = 0;

  constructor({ open, close, text }: XmlHandler) {
    this.parser.on('error', (error) => {
      throw broken(error.message);
    });
    this.parser.on('opentag', ({ name, attributes }) => {
      this.waiting = 0;
      open(withoutPrefix(name), attributes);
    });
    this.parser.on('closetag', ({ name }) => {
      this.waiting = 0;
      close?.(withoutPrefix(name));
    });
    if (text) this.parser.on('text', text);
  }

  write(bytes: Buffer): void {
    this.waiting += bytes.length;
    this.parser.write(this.decode(bytes));
    if (this.waiting > MAX_LINE_BYTES) throw broken(`a cell has more than ${String(MAX_LINE_BYTES)} bytes`);
  }

  end(): void {
    this.parser.write(this.decode());
    this.parser.close();
  }

  private decode(bytes?: Buffer): string {
    try {
      return this.decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw broken('its text is not UTF-8');
    }
  }
}

/** Reads a document to its end. */
export async function readXml(chunks: AsyncIterable<Buffer>, handler: XmlHandler): Promise<void> {
  const reader = new XmlReader(handler);
  for await (const chunk of chunks) reader.write(chunk);
  reader.end();
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The text as it was before XML (ECMA-376 part 1 §22.9.2.19): `_x000D_` is a carriage return. */
export const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([\dA-Fa-f]{4})_/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
    : text;
