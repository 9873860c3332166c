import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { filesOf, rowOf, workbookOf, zipOf } from '../../../test/support/workbooks.js';
import { settingsOf } from '../imports.settings.js';
import { UnreadableFileError } from '../reader.errors.js';
import { type ImportLine, type ReadOptions, readProducts } from '../reader.js';
import { MAX_UNPACKED } from './zip.js';

const HEADER = rowOf(1, 'SKU', 'Name', 'Price amount', 'price.currency', 'description', 'attributes.made:text');

/** A row whose cells are given as XML, from `description` on. */
const lamp = (number: number, cells = ''): string =>
  `<row r="${String(number)}"><c r="A${String(number)}" t="inlineStr"><is><t>L-${String(number)}</t></is></c><c t="inlineStr"><is><t>Lamp</t></is></c><c><v>1999</v></c><c t="inlineStr"><is><t>GBP</t></is></c>${cells}</row>`;

async function* inPieces(bytes: Buffer, length = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield Promise.resolve(bytes.subarray(at, at + length));
}

async function read(bytes: Buffer, options: ReadOptions = {}): Promise<ImportLine[]> {
  const lines: ImportLine[] = [];
  for await (const line of readProducts(inPieces(bytes), 'xlsx', options)) lines.push(line);
  return lines;
}
const inSheet = async (sheet: string | undefined, bytes: Buffer): Promise<string[]> =>
  (await read(bytes, { settings: settingsOf({ sheet }) })).map((line) => ('product' in line ? line.product.sku : ''));

/** What stands in the cell of an attribute that is a text. */
async function spelled(cell: string, parts: Partial<Parameters<typeof workbookOf>[0]> = {}): Promise<unknown> {
  const [line] = await read(await workbookOf({ ...parts, sheets: { One: HEADER + lamp(2, `<c r="F2"${cell}`) } }));
  return line && 'product' in line ? line.product.attributes?.made : line?.faults;
}
const refusal = async (bytes: Buffer): Promise<string> => {
  const error: unknown = await read(bytes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreadableFileError);
  return error instanceof Error ? error.message : '';
};

describe('a workbook', () => {
  it('is read as a table, with rows for lines', async () => {
    const rows = rowOf(1, 'A list of lamps') + HEADER.replace('r="1"', 'r="3"') + lamp(4) + '<row r="5"/>' + lamp(9);

    expect(await read(await workbookOf({ sheets: { One: rows } }))).toMatchObject([
      {
        line: 4,
        product: {
          sku: 'L-4',
          name: 'Lamp',
          price: { amount: 1999, currency: 'GBP' },
          description: null,
          attributes: { made: null },
        },
      },
      { line: 9, product: { sku: 'L-9' } },
    ]);
  });

  it('says what is wrong by row and column, and goes on after a row', async () => {
    const bytes = await workbookOf({ sheets: { One: HEADER + lamp(2) + rowOf(3, 'L-3', '', '5', 'GBP') + lamp(4) } });
    const lines = await read(bytes);

    expect(lines).toMatchObject([
      { line: 2 },
      { line: 3, faults: [{ column: 'name', code: 'minLength' }] },
      { line: 4 },
    ]);
    expect(lines.every(({ end }) => end > 0 && end <= bytes.length)).toBe(true);
    expect(await read(bytes, { after: 2 })).toEqual(lines.slice(1));
  });

  it.each([
    ['a number', '><v>4006381333931</v></c>', '4006381333931'],
    ['a number of 17 digits', '><v>19.989999999999998</v></c>', '19.99'],
    ['a computed number', '><f>A1*2</f><v>19.990000000000002</v></c>', '19.99'],
    ['an exponent', '><v>4.006381333931E+12</v></c>', '4006381333931'],
    ['a small exponent', '><v>-1.5E-7</v></c>', '-0.00000015'],
    ['a large exponent', '><v>1E+21</v></c>', '1000000000000000000000'],
    ['a whole number', '><v>12345678901234567</v></c>', '12345678901234567'],
    ['true', ' t="b"><v>1</v></c>', 'true'],
    ['false', ' t="b"><v>0</v></c>', 'false'],
    ['the text of a formula', ' t="str"><f>A1</f><v>=r_x0065_d</v></c>', '=red'],
    ['no text of a formula', ' t="str"><f>A1</f><v></v></c>', null],
    ['a text like a formula', ' t="inlineStr"><is><t xml:space="preserve"> =1+1</t></is></c>', ' =1+1'],
    ['an apostrophe', ` t="inlineStr"><is><t>'=1</t></is></c>`, "'=1"],
    ['an escaped escape', ' t="inlineStr"><is><t>_x005F_x000D_</t></is></c>', '_x000D_'],
    ['entities', ' t="inlineStr"><is><t>&lt;b&gt; &amp; &#233;</t></is></c>', '<b> & é'],
    ['a date of ISO 8601', ' t="d"><v>2026-11-20</v></c>', '2026-11-20'],
  ])('reads %s', async (_, cell, value) => {
    expect(await spelled(cell)).toBe(value);
  });

  it.each([
    ['19.99', 'EUR', 1999],
    ['1234.5', 'EUR', 123450],
    ['1234', 'EUR', 123400],
    ['1.234', 'KWD', 1234],
    ['1.234', 'EUR', 'decimals'],
  ])('reads the price %s as the number that it is, in any locale', async (value, currency, amount) => {
    const rows =
      rowOf(1, 'sku', 'name', 'price') + rowOf(2, 'L-1', 'Lamp').replace('</row>', `<c><v>${value}</v></c></row>`);

    for (const locale of [undefined, 'de-DE', 'en-GB', 'de-CH']) {
      const [line] = await read(await workbookOf({ sheets: { One: rows } }), {
        settings: settingsOf({ currency, locale }),
      });
      const found = line && ('product' in line ? line.product.price?.amount : line.faults[0]?.code);
      expect([locale, found]).toEqual([locale, amount]);
    }
  });

  it('reads texts that cells share, also of several formats, without readings', async () => {
    const strings = [
      '<t>plain</t>',
      '<r><t>Red </t></r><r><rPr><b/></rPr><t>lamp</t></r><rPh sb="0" eb="1"><t>akai</t></rPh>',
    ];

    expect(await spelled(' t="s"><v>0</v></c>', { strings })).toBe('plain');
    expect(await spelled(' t="s"><v>1</v></c>', { strings })).toBe('Red lamp');
  });

  it.each([
    ['dd.mm.yyyy', '46346', '2026-11-20'],
    ['yyyy-mm-dd hh:mm', '46346.395833333336', '2026-11-20T09:30:00'],
    ['[h]:mm', '0.395833333333333', '09:30:00'],
    ['[$-407]d. mmmm yyyy', '1', '1900-01-01'],
    ['dd', '61', '1900-03-01'],
    ['0.00 "days"', '46346.5', '46346.5'],
    ['[Red]#,##0', '46346', '46346'],
    ['General', '46346', '46346'],
    ['dd', '-1', '-1'],
  ])('reads what %s shows of %s as %s', async (format, value, shown) => {
    expect(await spelled(` s="1"><v>${value}</v></c>`, { formats: [format] })).toBe(shown);
  });

  it('reads dates of built-in formats, and those that count from 1904', async () => {
    expect(await spelled(' s="1"><v>46346</v></c>')).toBe('2026-11-20');
    expect(await spelled(' s="1"><v>44884</v></c>', { date1904: true })).toBe('2026-11-20');
  });

  it.each([
    [' t="e"><f>1/0</f><v>#DIV/0!</v></c>', 'has the error #DIV/0!'],
    ['><f>A1*2</f></c>', 'has a formula without its result: open the file in a spreadsheet program, and save it'],
  ])('refuses the row of %s', async (cell, detail) => {
    expect(await spelled(cell)).toEqual([{ column: 'attributes.made', code: 'formula', detail }]);
  });

  it('is read from the first sheet that is shown, or the one that is named', async () => {
    const bytes = await workbookOf({
      sheets: { '.Settings': HEADER + lamp(2), Lamps: HEADER + lamp(3), '2.': HEADER + lamp(4), Old: HEADER + lamp(5) },
    });

    expect(await inSheet(undefined, bytes)).toEqual(['L-3']);
    expect(await inSheet('old', bytes)).toEqual(['L-5']);
    expect(await inSheet('2', bytes)).toEqual(['L-4']);
    expect(await inSheet('3', bytes)).toEqual(['L-5']);
    expect(await inSheet('settings', bytes)).toEqual(['L-2']);
    await expect(inSheet('4', bytes)).rejects.toThrow('The workbook has no sheet 4. It has Lamps, 2, Old.');
  });

  it('has the bounds of CSV for rows, and goes on behind one that is too wide or too long', async () => {
    const wide = lamp(2, '<c r="GS2"><v>1</v></c>');
    const long = lamp(3, `<c t="inlineStr"><is><t>${'x'.repeat(200_000)}</t></is></c>`.repeat(2));
    const lines = await read(await workbookOf({ sheets: { One: HEADER + wide + long + lamp(4) } }));

    expect(lines).toMatchObject([
      { line: 2, faults: [{ code: 'fields' }] },
      { line: 3, faults: [{ code: 'tooLong' }] },
      { line: 4, product: { sku: 'L-4' } },
    ]);
  });

  it('leaves no file behind, also when it is not read to its end', async () => {
    const bytes = await workbookOf({ sheets: { One: HEADER + lamp(2) + lamp(3) } });
    const own = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`stockroom-work-${String(process.pid)}-`));
    const before = await own();
    for await (const { line } of readProducts(inPieces(bytes), 'xlsx')) if (line === 2) break;
    await refusal(bytes.subarray(0, 500));

    expect(await own()).toEqual(before);
  });

  it('that is none is refused in words', async () => {
    const files = filesOf({ sheets: { One: HEADER + lamp(2) } });
    const whole = await zipOf(files);
    const damaged = Buffer.from(whole);
    damaged[damaged.indexOf('xl/worksheets/sheet1.xml') + 40] = 0xff;

    expect(await refusal(Buffer.from('sku,name\n'))).toContain('Save it as XLSX again, or as CSV');
    expect(await refusal(whole.subarray(0, whole.length - 100))).toContain('The file is no workbook that can be read');
    expect(await refusal(damaged)).toContain('The file is no workbook that can be read');
    expect(await refusal(await zipOf({ 'readme.txt': 'hello' }))).toContain('it has no workbook');
    expect(await refusal(await zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }))).toContain(
      'it is another kind of document',
    );
    expect(
      await refusal(await zipOf({ ...files, 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row' })),
    ).toContain('The file is no workbook that can be read');
    expect(
      await refusal(
        await zipOf({ ...files, 'xl/workbook.xml': '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>' }),
      ),
    ).toContain('The file is no workbook that can be read');
  });

  it('is not unpacked beyond its bounds', async () => {
    const files = filesOf({ sheets: { One: HEADER } });
    const bomb = await zipOf({ ...files, 'xl/worksheets/sheet1.xml': Buffer.alloc(3_000_000, '<a>') });
    // an archive that says that it has far more than there is
    const liar = Buffer.from(await zipOf(files));
    const place = liar.lastIndexOf('xl/worksheets/sheet1.xml') - 46 + 24;
    liar.writeUInt32LE(MAX_UNPACKED + 1, place);
    const cell = await zipOf({
      ...files,
      'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${' '.repeat(600_000)}<row/></sheetData></worksheet>`,
    });

    expect(await refusal(bomb)).toContain('The file is no workbook that can be read');
    expect(await refusal(liar)).toContain(`it has more than ${String(MAX_UNPACKED)} bytes, unpacked`);
    expect(await refusal(cell)).toContain('a cell has more than 262144 bytes');
  });
});
