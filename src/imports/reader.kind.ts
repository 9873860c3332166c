import { UnreadableFileError } from './reader.errors.js';
import type { ImportFormat } from './reader.js';
import { chain } from './reader.lines.js';

/** The formats by the ends of names of files. */
export const IMPORT_EXTENSIONS: Readonly<Record<string, ImportFormat>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  // as spreadsheets name text with tabs
  '.txt': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.xlsx': 'xlsx',
};

/** How files begin that are not what they are said to be. */
const ZIP = Buffer.from('504B0304', 'hex');
/** Of compound files, as .xls and workbooks with a password are. */
const COMPOUND = Buffer.from('D0CF11E0A1B11AE1', 'hex');

/**
 * A file, and the format that it is in by its first bytes: a workbook is one under any name.
 * @param declared the format that its media type or its name says.
 * @throws UnreadableFileError for a workbook that is not read.
 */
export async function recognize(
  file: AsyncIterable<Uint8Array>,
  declared: ImportFormat,
): Promise<{ format: ImportFormat; bytes: AsyncGenerator<Buffer> }> {
  const source = file[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  for (let length = 0; length < COMPOUND.length;) {
    const next = await source.next();
    if (next.done) break;
    read.push(Buffer.from(next.value));
    length += next.value.length;
  }
  const beginning = Buffer.concat(read);
  if (beginning.subarray(0, COMPOUND.length).equals(COMPOUND)) {
    await source.return?.();
    throw new UnreadableFileError(
      'The file is an .xls workbook, or has a password. Save it as an XLSX workbook without a password, or as CSV, and import that.',
    );
  }
  const isZip = beginning.subarray(0, ZIP.length).equals(ZIP);
  return { format: isZip ? 'xlsx' : declared, bytes: chain(read, source) };
}
