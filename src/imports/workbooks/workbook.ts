import { posix } from 'node:path';
import { UnreadableFileError } from '../reader.errors.js';
import { truncated } from '../reader.product.js';
import { isBuiltInDate, isDateFormat } from './numbers.js';
import { readXml, unescaped } from './xml.js';
import { Archive, broken } from './zip.js';

/** How many characters the texts that cells share have at most: they are held while a sheet is read. */
const MAX_SHARED = 64 * 1024 * 1024;

/** What the cells of a sheet refer to. */
export interface Workbook {
  /** The file of the sheet in the archive. */
  readonly sheet: string;
  readonly texts: readonly string[];
  /** For each style, whether it shows a number as a date. */
  readonly dates: readonly boolean[];
  readonly countsFrom1904: boolean;
}

interface Sheet {
  name: string;
  relation: string;
  isHidden: boolean;
}

interface Relation {
  id: string;
  type: string;
  target: string;
}

/**
 * Reads all of a workbook but its sheets.
 * @param wanted the sheet by its name, or by its number among those that are shown; without it the first of those.
 * @throws UnreadableFileError for what is no workbook, and for a sheet that is not there.
 */
export async function readWorkbook(archive: Archive, wanted: string | undefined): Promise<Workbook> {
  const office = (await relationsOf(archive, '')).find(({ type }) => type === 'officeDocument');
  if (!office) throw broken(archive.has('mimetype') ? 'it is another kind of document' : 'it has no workbook');
  const sheets: Sheet[] = [];
  let countsFrom1904 = false;
  await readXml(archive.read(office.target), {
    open: (name, attributes) => {
      if (name === 'workbookPr') countsFrom1904 = ['1', 'true'].includes(attributes.date1904 ?? '');
      if (name !== 'sheet') return;
      const relation = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      sheets.push({ name: attributes.name ?? '', relation, isHidden: (attributes.state ?? 'visible') !== 'visible' });
    },
  });
  const relations = await relationsOf(archive, office.target);
  const chosen = sheetOf(sheets, wanted);
  const sheet = relations.find(({ id, type }) => id === chosen.relation && type === 'worksheet')?.target;
  if (sheet === undefined) throw broken(`the sheet ${truncated(chosen.name, 100)} has no cells`);
  const targetOf = (kind: string): string | undefined => {
    const target = relations.find(({ type }) => type === kind)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  const [texts, styles] = [targetOf('sharedStrings'), targetOf('styles')];
  return {
    sheet,
    texts: texts === undefined ? [] : await textsOf(archive.read(texts)),
    dates: styles === undefined ? [] : await datesOf(archive.read(styles)),
    countsFrom1904,
  };
}

function sheetOf(sheets: readonly Sheet[], wanted: string | undefined): Sheet {
  const shown = sheets.filter(({ isHidden }) => !isHidden);
  const [first] = shown;
  const found =
    wanted === undefined
      ? first
      : (sheets.find(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase()) ??
        (/^\d+$/.test(wanted) ? shown[Number(wanted) - 1] : undefined));
  if (found) return found;
  const names = truncated(shown.map(({ name }) => name).join(', '), 500);
  throw new UnreadableFileError(
    wanted === undefined ? 'The workbook has no sheet.' : `The workbook has no sheet ${wanted}. It has ${names}.`,
  );
}

/** What a part of the archive refers to: the last words of types, which the two editions of the standard have in common. */
async function relationsOf(archive: Archive, part: string): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const relations: Relation[] = [];
  if (!archive.has(name)) return relations;
  await readXml(archive.read(name), {
    open: (element, { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode }) => {
      if (element !== 'Relationship' || mode === 'External') return;
      relations.push({ id, type: posix.basename(type), target: posix.resolve('/', folder, target).slice(1) });
    },
  });
  return relations;
}

/** The texts that cells share; one with several formats is put together, readings of characters are left out. */
async function textsOf(chunks: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = [];
  let held = 0;
  const text = new TextCollector();
  await readXml(chunks, {
    open: (name) => {
      text.open(name);
    },
    close: (name) => {
      text.close(name);
      if (name !== 'si') return;
      const whole = text.take();
      held += whole.length + 1;
      if (held > MAX_SHARED) throw broken(`its texts have more than ${String(MAX_SHARED)} characters`);
      texts.push(whole);
    },
    text: (part) => {
      text.add(part);
    },
  });
  return texts;
}

/** Puts the text of an element together: that of `t`, but not inside of `rPh`. */
export class TextCollector {
  private parts = '';
  private isText = false;
  private isReading = false;

  open(name: string): void {
    if (name === 'rPh') this.isReading = true;
    else if (name === 't') this.isText = !this.isReading;
  }

  close(name: string): void {
    if (name === 'rPh') this.isReading = false;
    else if (name === 't') this.isText = false;
  }

  add(text: string): void {
    if (this.isText) this.parts += text;
  }

  take(): string {
    const text = unescaped(this.parts);
    this.parts = '';
    return text;
  }
}

async function datesOf(chunks: AsyncIterable<Buffer>): Promise<boolean[]> {
  const own = new Map<string, boolean>();
  const dates: boolean[] = [];
  let areCells = false;
  await readXml(chunks, {
    open: (name, { numFmtId: id = '0', formatCode = '' }) => {
      if (name === 'numFmt') own.set(id, isDateFormat(formatCode));
      else if (name === 'cellXfs') areCells = true;
      else if (name === 'xf' && areCells) dates.push(own.get(id) ?? isBuiltInDate(Number(id)));
    },
    close: (name) => {
      if (name === 'cellXfs') areCells = false;
    },
  });
  return dates;
}
