import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Cell } from './export.columns.js';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The name of the one sheet. */
const SHEET = 'Products';

/** The parts of a workbook with one sheet, but the sheet; ECMA-376 part 1 §12. */
const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${CONTENT}.worksheet+xml"/></Types>`,
  '_rels/.rels': `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
};

/** A table as a workbook with one sheet: texts are cells of type string, which nothing computes. @param time of the file. */
export function xlsxOf(batches: AsyncIterable<readonly Cell[][]>, time: Date): Readable {
  const zip = new ZipFile();
  for (const [name, xml] of Object.entries(PARTS)) zip.addBuffer(Buffer.from(xml), name, { mtime: time });
  const sheet = Readable.from(sheetOf(batches), { objectMode: false });
  zip.addReadStream(sheet, 'xl/worksheets/sheet1.xml', { mtime: time });
  zip.end();
  const out = new PassThrough();
  zip.on('error', (error) => out.destroy(error instanceof Error ? error : new Error(String(error))));
  // where nobody reads any more, nothing is to be written either; what failed is said by `out`
  pipeline(zip.outputStream, out).catch(() => sheet.destroy());
  return out;
}

async function* sheetOf(batches: AsyncIterable<readonly Cell[][]>): AsyncGenerator<string> {
  yield `${XML}<worksheet xmlns="${MAIN}"><sheetData>`;
  let number = 0;
  for await (const batch of batches) yield batch.map((cells) => rowOf(cells, ++number)).join('');
  yield '</sheetData></worksheet>';
}

const rowOf = (cells: readonly Cell[], number: number): string =>
  `<row r="${String(number)}">${cells.map((cell, place) => cellOf(cell, `${nameOf(place)}${String(number)}`)).join('')}</row>`;

function cellOf(cell: Cell, place: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${place}"><v>${String(cell)}</v></c>`;
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"><v>${cell ? '1' : '0'}</v></c>`;
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
}

/** The letters of a column: A to Z, AA and so on. */
function nameOf(place: number): string {
  const letter = String.fromCharCode(65 + (place % 26));
  return place < 26 ? letter : nameOf(Math.floor(place / 26) - 1) + letter;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What XML cannot have, or would change, is `_xHHHH_`; so is what looks like that (ECMA-376 part 1 §22.9.2.19). */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const ESCAPED = /_(?=x[\dA-Fa-f]{4}_)|[\0-\x08\x0B-\x1F\uFFFE\uFFFF]/g;

const escaped = (text: string): string =>
  text
    .replace(ESCAPED, (unit) => `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
