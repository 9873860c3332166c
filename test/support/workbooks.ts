import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** What a workbook of a test has. */
interface Parts {
  /** The rows of each sheet, by its name: the XML in `sheetData`. A name that begins with `.` is hidden. */
  sheets: Record<string, string>;
  /** What `<si>` elements have. */
  strings?: string[];
  /** The codes of the formats of the styles, from style 1 on. */
  formats?: string[];
  date1904?: boolean;
}

/** An archive of these files. */
export async function zipOf(files: Record<string, string | Buffer>): Promise<Buffer<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return Buffer.from(await buffer(zip.outputStream));
}

/** The files of a workbook, as Excel names them. */
export function filesOf({ sheets, strings, formats = [], date1904 = false }: Parts): Record<string, string> {
  const names = Object.keys(sheets);
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const sheet = (name: string, place: number): string =>
    `<sheet name="${name.replace('.', '')}" sheetId="${String(place + 1)}" ${name.startsWith('.') ? 'state="hidden" ' : ''}r:id="r${String(place)}"/>`;
  return {
    '_rels/.rels': `<Relationships xmlns="${RELATIONS}">${relation('a', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr date1904="${date1904 ? '1' : '0'}"/><sheets>${names.map(sheet).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${RELATIONS}">${[
      ...names.map((_, place) =>
        relation(`r${String(place)}`, 'worksheet', `worksheets/sheet${String(place + 1)}.xml`),
      ),
      relation('s', 'sharedStrings', 'sharedStrings.xml'),
      relation('t', 'styles', '/xl/styles.xml'),
    ].join('')}</Relationships>`,
    ...Object.fromEntries(
      names.map((name, place) => [
        `xl/worksheets/sheet${String(place + 1)}.xml`,
        `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData>${sheets[name] ?? ''}</sheetData></worksheet>`,
      ]),
    ),
    ...(strings && {
      'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${strings.map((text) => `<si>${text}</si>`).join('')}</sst>`,
    }),
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><numFmts>${formats
      .map(
        (code, place) => `<numFmt numFmtId="${String(164 + place)}" formatCode="${code.replaceAll('"', '&quot;')}"/>`,
      )
      .join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
      .map((_, place) => `<xf numFmtId="${String(164 + place)}"/>`)
      .join('')}<xf numFmtId="14"/></cellXfs></styleSheet>`,
  };
}

export const workbookOf = (parts: Parts): Promise<Buffer<ArrayBuffer>> => zipOf(filesOf(parts));

/** A row of texts as cells that have them themselves. */
export const rowOf = (number: number, ...texts: string[]): string =>
  `<row r="${String(number)}">${texts.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`;
