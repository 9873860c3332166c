import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openWorkFolder } from '../../common/files/work-folder.js';
import type { CsvRecord } from '../reader.csv.js';
import type { Turns } from '../reader.turns.js';
import { SheetReader } from './sheet.js';
import { readWorkbook } from './workbook.js';
import { Archive } from './zip.js';

/**
 * The rows of a sheet, as records of CSV. An archive is read from its end, so that it is put on the disk first; how far a row is in
 * the file is in proportion to how far it is in the sheet.
 * @param wanted as {@link readWorkbook} takes it.
 * @throws UnreadableFileError for what is no workbook.
 */
export async function* readRows(
  stream: AsyncIterable<Uint8Array | string>,
  wanted: string | undefined,
  turns: Turns,
): AsyncGenerator<CsvRecord, void> {
  const folder = await openWorkFolder();
  try {
    const path = join(folder.path, 'workbook.xlsx');
    const file = createWriteStream(path, { flags: 'wx' });
    await pipeline(stream, file);
    const archive = await Archive.open(path);
    try {
      yield* rowsIn(archive, file.bytesWritten, wanted, turns);
    } finally {
      archive.close();
    }
  } finally {
    await folder.remove();
  }
}

async function* rowsIn(
  archive: Archive,
  bytes: number,
  wanted: string | undefined,
  turns: Turns,
): AsyncGenerator<CsvRecord, void> {
  const workbook = await readWorkbook(archive, wanted);
  const reader = new SheetReader(workbook, bytes / archive.lengthOf(workbook.sheet));
  for await (const chunk of archive.read(workbook.sheet)) {
    if (turns.over) await turns.next();
    yield* reader.write(chunk);
  }
  reader.end();
}
