import { describe, expect, it } from '@jest/globals';
import { settingsOf } from './imports.settings.js';
import {
  type Detected,
  type ImportFormat,
  type ImportLine,
  readProducts,
  skippedIn,
  InvalidHeaderError,
} from './reader.js';

const HEADER = 'sku,name,description,price.amount,price.currency,categories,stock,status';

const bytes = async function* (text: string | Buffer, size = 7): AsyncGenerator<Buffer> {
  const whole = Buffer.from(text);
  for (let start = 0; start < whole.length; start += size) yield Promise.resolve(whole.subarray(start, start + size));
};

const read = (text: string | Buffer, format: ImportFormat = 'csv', after = 0, size?: number): Promise<ImportLine[]> =>
  Array.fromAsync(readProducts(bytes(text, size), format, { after }));

/** A text in an encoding; of Windows-1252 some characters that Latin-1 has elsewhere. */
function encode(text: string, encoding: string): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'windows-1252') return Buffer.from(text.replaceAll('“', '\x93').replaceAll('”', '\x94'), 'latin1');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}
const note = (found: Detected[], detected: Detected): Promise<void> => {
  found.push(detected);
  return Promise.resolve();
};
const lengthOf = (parts: readonly (Buffer | string)[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** What was wrong, as the command prints it. */
const faultsOf = (lines: ImportLine[]): string[] =>
  lines.flatMap((entry) =>
    'faults' in entry ? entry.faults.map(({ column, code }) => `${String(entry.line)} ${column ?? '-'} ${code}`) : [],
  );
const skusOf = (lines: ImportLine[]): string[] =>
  lines.flatMap((entry) => ('product' in entry ? [`${String(entry.line)} ${entry.product.sku}`] : []));

const headerFaults = async (text: string | Buffer): Promise<string[]> => {
  const refusal: unknown = await read(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refusal instanceof InvalidHeaderError)) throw new Error('the header was taken');
  return refusal.faults.map(({ column, code }) => `${String(refusal.line)} ${column ?? '-'} ${code}`);
};

describe('a CSV file', () => {
  it('gives a product a record, by the names of the columns', async () => {
    const [entry] = await read(
      `${HEADER},attributes.colour,attributes.pieces,attributes.gift,attributes.code,attributes.none\n` +
        'A-1,"Lamp, red",Warm.,1999,GBP,Home & Garden > Lamps | Gifts,12,draft,red,6,true,007,\n',
    );

    expect(entry).toMatchObject({
      line: 2,
      end: 243,
      product: {
        sku: 'A-1',
        name: 'Lamp, red',
        description: 'Warm.',
        price: { amount: 1999, currency: 'GBP' },
        categories: [['Home & Garden', 'Lamps'], ['Gifts']],
        stock: 12,
        status: 'draft',
        attributes: { colour: 'red', pieces: 6, gift: true, code: '007', none: null },
      },
    });
  });

  it.each([
    ['A > B | C', [['A', 'B'], ['C']]],
    [String.raw`Pipes \> 5 cm > Left\|Right`, [['Pipes > 5 cm', 'Left|Right']]],
    [String.raw`C:\Lamps > Ends\\ | New`, [['C:\\Lamps', 'Ends\\'], ['New']]],
    ['Cafe\u0301s > Lamps', [['Cafés', 'Lamps']]],
  ])('reads the categories %s', async (cell, categories) => {
    expect(await read(`sku,name,price.amount,price.currency,categories\nA-1,Lamp,5,GBP,${cell}\n`)).toMatchObject([
      { product: { categories } },
    ]);
  });

  describe('with attributes', () => {
    const START = 'sku,name,price.amount,price.currency,attributes.';
    const valuesOf = (lines: ImportLine[], name: string): unknown[] =>
      lines.map((entry) =>
        'product' in entry ? entry.product.attributes?.[name] : entry.faults.map(({ code }) => code),
      );
    const column = (header: string, cells: string[]): string =>
      `${START}${header}\n${cells.map((cell, place) => `A-${String(place)},Lamp,5,GBP,${cell}\n`).join('')}`;

    it.each([
      ['numbers, if all are', ['8', '-2.50', '', '0'], [8, -2.5, null, 0]],
      ['truth values, if all are', ['true', 'false', ''], [true, false, null]],
      ['text, if one is', ['007', '8', 'true'], ['007', '8', 'true']],
      ['text, if one can’t be kept as a number', ['8', '12345678901234567890'], ['8', '12345678901234567890']],
      ['text, where codes look like exponents', ['1E5', '2E7'], ['1E5', '2E7']],
      ['text, where numbers and truth values are mixed', ['8', 'true'], ['8', 'true']],
      ['text, where nothing is', ['', ''], [null, null]],
    ])('reads a column as %s', async (_, cells, values) => {
      expect(valuesOf(await read(column('size', cells)), 'size')).toEqual(values);
    });

    it.each([
      ['size:text', ['8'], ['8']],
      ['size : Number', ['8', 'x'], [8, ['type']]],
      ['size:boolean', ['', 'true'], [null, true]],
    ])('reads a column as its header says: %s', async (header, cells, values) => {
      expect(valuesOf(await read(column(header, cells)), 'size')).toEqual(values);
    });

    it('decides by the first 64 KiB, however they come and wherever an import goes on; later others are faults', async () => {
      const cells = Array.from({ length: 4000 }, (_, place) => (place === 3900 ? '007' : place === 3950 ? '' : '7'));
      const text = column('size', cells);
      const whole = await read(text, 'csv', 0, 100_000);

      expect(text.length).toBeGreaterThan(70_000);
      expect(faultsOf(whole)).toEqual(['3902 attributes.size type']);
      expect(valuesOf(whole, 'size').filter((value) => value === 7)).toHaveLength(3998);
      expect(await read(text, 'csv', 3901, 999)).toEqual(whole.slice(3900));
    });
  });

  it.each([
    ['CSV', 'csv', 'sku,name,price.amount,price.currency\nA-1,x,5,GBP\nB-1,x,5,GBP\n a-1 ,x,5,GBP\nB-1,,5,GBP\n'],
    [
      'NDJSON',
      'ndjson',
      ['', 'A-1', 'B-1', ' a-1 ', 'B-1']
        .map((sku, place) =>
          sku === ''
            ? ''
            : JSON.stringify({ sku, name: place === 4 ? '' : 'x', price: { amount: 5, currency: 'GBP' } }),
        )
        .join('\n'),
    ],
  ] as const)('names a SKU that is there again by the line of the first, in %s', async (_, format, text) => {
    const lines = await read(text, format);

    expect(skusOf(lines)).toEqual(['2 A-1', '3 B-1']);
    expect(faultsOf(lines)).toEqual(['4 sku duplicate', '5 sku duplicate', '5 name minLength']);
    expect(lines[2]).toMatchObject({ faults: [{ detail: 'is the SKU of line 2 already, which counts' }] });
    // an import that goes on has read the first ones before
    expect(await read(text, format, 3)).toEqual(lines.slice(2));
    const last = await Array.fromAsync(
      readProducts(bytes(text), format, { settings: settingsOf({ duplicates: 'last' }) }),
    );
    expect(skusOf(last)).toEqual(['2 A-1', '3 B-1', '4 a-1']);
  });

  it('counts the first line of a SKU also where something else is wrong with it', async () => {
    const lines = await read('sku,name,price.amount,price.currency\nA-1,,5,GBP\nA-1,x,5,GBP\n');

    expect(faultsOf(lines)).toEqual(['2 name minLength', '3 sku duplicate']);
  });

  it('has its columns in any order, and leaves out what it has no column for', async () => {
    const [entry] = await read('price.currency, price.amount ,name,sku\nGBP,5,Lamp,A-1');

    expect(entry).toMatchObject({ product: { sku: 'A-1', name: 'Lamp', price: { amount: 5, currency: 'GBP' } } });
    expect(entry).toMatchObject({ product: { description: undefined, categories: undefined, stock: undefined } });
  });

  it('empties a description and categories by an empty cell, but not a stock or status', async () => {
    const [entry] = await read(`${HEADER}\nA-1,Lamp,,5,GBP,,,\n`);

    expect(entry).toMatchObject({
      product: { description: null, categories: [], stock: undefined, status: undefined },
    });
  });

  it.each([
    ['sku,stock', 'A-1,3', { sku: 'A-1', stock: 3 }],
    ['price.amount,price.currency,sku', '5,GBP,A-1', { sku: 'A-1', price: { amount: 5, currency: 'GBP' } }],
    ['sku,name', 'A-1,Lamp', { sku: 'A-1', name: 'Lamp' }],
  ])('may have %s alone', async (header, line, product) => {
    expect(await read(`${header}\n${line}\n`)).toMatchObject([
      { line: 2, product: { name: undefined, price: undefined, stock: undefined, ...product } },
    ]);
  });

  it('trims SKUs', async () => {
    expect(skusOf(await read('sku,name,price.amount,price.currency\n A-1\u00a0,Lamp,5,GBP\n'))).toEqual(['2 A-1']);
  });

  it('may have a byte order mark, CRLF, empty lines and no line break at its end', async () => {
    const lines = await read(`\uFEFF${HEADER}\r\n\r\nA-1,Lamp,,5,GBP,,,\r\n,,,,,,,\r\n\r\nA-2,Lamp,,5,GBP,,,`);

    expect(skusOf(lines)).toEqual(['3 A-1', '6 A-2']);
    expect(faultsOf(lines)).toEqual([]);
  });

  it('may have quotes and line breaks in quotes; the line is that of the record’s beginning', async () => {
    const lines = await read(`${HEADER}\nA-1,Lamp,"A ""big""\r\nlamp",5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`);

    expect(lines[0]).toMatchObject({ line: 2, product: { description: 'A "big"\r\nlamp' } });
    expect(skusOf(lines)).toEqual(['2 A-1', '4 A-2']);
  });

  it('may have a record longer than what is parsed at once', async () => {
    const long = Array.from({ length: 300 }, (_, place) => `Line ${String(place)}`).join('\n');
    const lines = await read(`${HEADER}\nA-1,Lamp,"${long}",5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`, 'csv', 0, 1000);

    expect(skusOf(lines)).toEqual(['2 A-1', '302 A-2']);
    expect(lines[0]).toMatchObject({ product: { description: long } });
  });

  it('names every fault of a record by its column', async () => {
    const lines = await read(
      `${HEADER}\n-b,,,19.99,XXP,Home > > Lamps,many,sold\nA-2,Lamp,,-1,GBP,,-1,\nA-3,Lamp,,,GBP,,,\nA-4,Lamp,,5,GBP,,,\n`,
    );

    expect(faultsOf(lines).sort()).toEqual([
      '2 categories path',
      '2 name minLength',
      '2 price.amount isInt',
      '2 price.currency isISO4217CurrencyCode',
      '2 sku matches',
      '2 status isIn',
      '2 stock isInt',
      '3 price.amount min',
      '3 stock min',
      '4 price.amount isInt',
    ]);
    expect(skusOf(lines)).toEqual(['5 A-4']);
  });

  it.each([
    ['A-1,Lamp,,24.00,GBP,,,', 'price.amount', '24.00 is not a whole number of minor units; for GBP 24.00 write 2400'],
    [
      'A-1,Lamp,,"29,50",EUR,,,',
      'price.amount',
      '29,50 is not a whole number of minor units; for EUR 29.50 write 2950',
    ],
    ['A-1,Lamp,,1e3,GBP,,,', 'price.amount', '1e3 is not a whole number of minor units; write digits only'],
    ['A-1,Lamp,, 5,GBP,,,', 'price.amount', ' 5 is not a whole number of minor units; write digits only'],
    ['A-1,Lamp,,0x10,GBP,,,', 'price.amount', '0x10 is not a whole number of minor units; write digits only'],
    ['A-1,Lamp,,,GBP,,,', 'price.amount', 'must be a whole number of minor units, e.g. 1999 for GBP 19.99'],
    ['A-1,Lamp,,5,GBP,,12.0,', 'stock', '12.0 is not a whole number: write digits only'],
    ['A-1,Lamp,,5,GBP,,1e3,', 'stock', '1e3 is not a whole number: write digits only'],
    ['A-1,Lamp,,5,GBP,,1 000,', 'stock', '1 000 is not a whole number: write digits only'],
    [
      'Ä 1,Lamp,,5,GBP,,,',
      'sku',
      'must begin with a letter from A to Z or a digit, and have only such letters, digits, dots, hyphens, underscores and slashes',
    ],
    ['A-1,Lamp,,5,ZWL,,,', 'price.currency', 'must be a current ISO 4217 currency code in capital letters, e.g. GBP'],
  ])('says of %s what to write', async (line, column, detail) => {
    const [entry] = await read(`${HEADER}\n${line}\n`);

    expect(entry).toMatchObject({ faults: [{ column, detail: expect.stringContaining(detail) }] });
  });

  it.each(['XCG', 'ZWG'])('may have prices in %s', async (currency) => {
    expect(skusOf(await read(`${HEADER}\nA-1,Lamp,,5,${currency},,,\n`))).toEqual(['2 A-1']);
  });

  it('tells the first twenty faults of a line, and how many there are', async () => {
    const columns = Array.from({ length: 60 }, (_, place) => `attributes.a${String(place)}`);
    const invalid = columns.map(() => '\ufffd');
    const text = Buffer.from(
      `${HEADER},${columns.join(',')}\nA-0,${'é'.repeat(100)},,5,GBP,,,\nA-1,Lamp,,5,GBP,,,,${invalid.join(',')}\n`,
    );
    const [, entry] = await read(
      Buffer.from(text.toString('latin1').replaceAll('\u00ef\u00bf\u00bd', '\u00ff'), 'latin1'),
    );
    const faults = entry && 'faults' in entry ? entry.faults : [];

    expect(faults).toHaveLength(21);
    expect(faults.find(({ code }) => code === 'more')).toMatchObject({
      column: null,
      detail: 'has 60 faults in all; the first 20 are listed',
    });
  });

  it('may have a replacement character that is text', async () => {
    expect(skusOf(await read(`${HEADER}\nA-1,Lamp \ufffd,,5,GBP,,,\n`))).toEqual(['2 A-1']);
  });

  it('goes on after a record with too few or too many fields', async () => {
    const lines = await read(`${HEADER}\nA-1,Lamp,,5\nA-2,Lamp,,5,GBP,,,,x\nA-3,Lamp,,5,GBP,,,\n`);

    expect(faultsOf(lines)).toEqual(['2 - fields', '3 - fields']);
    expect(skusOf(lines)).toEqual(['4 A-3']);
  });

  it.each([
    ['inside of a field', 'A-1,5" lamp,,5,GBP,,,'],
    ['that is followed by more', 'A-1,"Lamp" red,,5,GBP,,,'],
    ['that is not closed', 'A-1,"Lamp,,5,GBP,,,'],
  ])('goes on with the next line after a quote %s', async (_, broken) => {
    const good = Array.from({ length: 200 }, (__, place) => `G-${String(place)},"Lamp",,5,GBP,,,\n`);
    const lines = await read(`${HEADER}\n${broken}\n${good.join('')}`, 'csv', 0, 500);

    expect(faultsOf(lines)).toEqual(['2 name quote']);
    expect(skusOf(lines)).toHaveLength(200);
  });

  it('goes on after a quote that nothing closes for a megabyte', async () => {
    const text = 'Of painted iron. '.repeat(20);
    const good = Array.from({ length: 5000 }, (_, place) => `G-${String(place)},Lamp,${text},5,GBP,,,\n`);
    const lines = await read(`${HEADER}\nA-1,"Lamp,,5,GBP,,,\n${good.join('')}`, 'csv', 0, 65_536);

    expect(faultsOf(lines)).toEqual(['2 name quote']);
    expect(skusOf(lines)).toHaveLength(5000);
  });

  it('goes on after a line that is too long', async () => {
    const lines = await read(`${HEADER}\nA-1,${'x'.repeat(1024 * 1024)}\nA-2,Lamp,,5,GBP,,,\n`, 'csv', 0, 65_536);

    expect(faultsOf(lines)).toEqual(['2 - tooLong']);
    expect(skusOf(lines)).toEqual(['3 A-2']);
  });

  it('names a cell that was damaged or has a NUL, where more of the file is UTF-8', async () => {
    const lines = await read(
      Buffer.concat([
        Buffer.from(`${HEADER}\nA-1,Caf`),
        Buffer.from([0xe9]),
        Buffer.from(',,5,GBP,,,\nA-2,Lamp,a\0b,5,GBP,,,\nA-3,Größe,,5,GBP,,,\n'),
      ]),
    );

    expect(faultsOf(lines)).toEqual(['2 name encoding', '3 description encoding']);
    expect(lines[2]).toMatchObject({ product: { name: 'Größe' } });
  });

  it('is UTF-8 where its beginning is ASCII: a broken byte behind that is a fault of its line', async () => {
    const good = Array.from({ length: 3000 }, (_, place) => `G-${String(place)},Lamp of iron,,5,GBP,,,\n`).join('');
    const lines = await read(Buffer.from(`${HEADER}\n${good}A-1,Caf\xe9,,5,GBP,,,\n`, 'latin1'), 'csv', 0, 10_000);

    expect(good.length).toBeGreaterThan(65_536);
    expect(faultsOf(lines)).toEqual(['3002 name encoding']);
  });

  it.each([0, 1, 2])('may have a letter of UTF-8 where its beginning is cut, after byte %d of it', async (cut) => {
    const begin = `${HEADER}\nA-1,Lamp,,5,GBP,,,\n`;
    const padding = '\n'.repeat(65_536 - begin.length - 'A-2,'.length - cut);
    const lines = await read(`${begin}${padding}A-2,€,,5,GBP,,,\n`, 'csv', 0, 70_000);

    expect(lines.at(-1)).toMatchObject({ product: { name: '€' } });
  });

  describe.each([
    ['utf-8', false],
    ['utf-8', true],
    ['utf-16le', false],
    ['utf-16le', true],
    ['utf-16be', false],
    ['utf-16be', true],
    ['windows-1252', false],
  ])('in %s, with a mark at its beginning: %s', (encoding, isMarked) => {
    it.each([1, 7, 70_000])('is read in pieces of %d bytes, and its ends are in bytes', async (size) => {
      const texts = [`${HEADER}\r\n`, 'A-1,Größe,“Fünf”,5,GBP,,,\r\n', 'A-2,Lamp,"Zwei\r\nZeilen",5,EUR,,,'];
      const parts = texts.map((text, place) => encode(isMarked && place === 0 ? `\uFEFF${text}` : text, encoding));
      const lines = await read(Buffer.concat(parts), 'csv', 0, size);

      expect(lines).toMatchObject([
        { line: 2, end: lengthOf(parts.slice(0, 2)), product: { name: 'Größe', description: '“Fünf”' } },
        { line: 3, end: lengthOf(parts), product: { description: 'Zwei\r\nZeilen' } },
      ]);
    });

    it('goes on after the lines that are done', async () => {
      const text = `${HEADER}\nA-1,Größe,,5,GBP,,,\nA-2,Größe,,5,GBP,,,\n`;
      const lines = await read(encode(isMarked ? `\uFEFF${text}` : text, encoding), 'csv', 2);

      expect(skusOf(lines)).toEqual(['3 A-2']);
    });
  });

  it('in UTF-16 may have characters whose bytes are those of a line break, but not half of a character', async () => {
    const text = encode(`\uFEFF${HEADER}\nA-1,\u0a05\u050a\u0a0a,,5,GBP,,,\nA-2,\ud800,,5,GBP,,,\n`, 'utf-16le');
    const lines = await read(Buffer.concat([text, Buffer.from([0x41])]));

    expect(lines[0]).toMatchObject({ product: { name: '\u0a05\u050a\u0a0a' } });
    expect(faultsOf(lines)).toEqual(['3 name encoding', '4 - fields']);
  });

  it.each([1, 2, 7, 70_000])('may end its lines with CR, in pieces of %d bytes', async (size) => {
    const texts = [
      `${HEADER}\r\r`,
      'A-1,Lamp,"Two\rlines",5,GBP,,,\r',
      'A-2,Lamp,"Two\nmore",5,GBP,,,\r\n',
      'A-3,Lamp,,5,GBP,,,',
    ];
    const lines = await read(texts.join(''), 'csv', 0, size);

    expect(skusOf(lines)).toEqual(['3 A-1', '5 A-2', '7 A-3']);
    expect([lines[0]?.end, lines.at(-1)?.end]).toEqual([lengthOf(texts.slice(0, 2)), lengthOf(texts)]);
  });

  it('keeps a CR in a line where lines end with LF', async () => {
    const lines = await read(`${HEADER}\nA-1,Lamp,"One\rtwo",5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`);

    expect(lines[0]).toMatchObject({ product: { description: 'One\rtwo' } });
    expect(skusOf(lines)).toEqual(['2 A-1', '3 A-2']);
  });

  it.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['pipes', '|'],
  ])('has its fields separated by %s', async (_, delimiter) => {
    const text = `${HEADER}\nA-1,Lamp,"Warm ,;|\t.",5,GBP,"A > B|C",,\nA-2,Lamp,"a ""b\n""",5,GBP,,,\nA-3,La"mp,,5,GBP,,,\n`;
    const parts = text
      .split(/("(?:[^"]|"")*")/)
      .map((part, place) => (place % 2 === 0 ? part.replaceAll(',', delimiter) : part));
    const lines = await read(parts.join(''));

    expect(lines[0]).toMatchObject({ product: { description: 'Warm ,;|\t.', categories: [['A', 'B'], ['C']] } });
    expect(lines[1]).toMatchObject({ product: { description: 'a "b\n"' } });
    expect(faultsOf(lines)).toEqual(['5 name quote']);
  });

  it('has its fields separated by what separates the columns, not by what other lines have in them', async () => {
    const lines = await read(
      'Prices, of all, that, we, have, today\n"sku";"name";"price.amount";"price.currency"\n"A-1";"Lamp, red, of, iron";"5";"GBP"\n',
    );

    expect(lines).toMatchObject([{ line: 3, product: { sku: 'A-1', name: 'Lamp, red, of, iron' } }]);
  });

  it('may have titles above its header', async () => {
    const lines = await read(`Price list of 2026\n\nAll prices in "pence,,\n ,name,\n${HEADER}\nA-1,Lamp,,5,GBP,,,\n`);

    expect(skusOf(lines)).toEqual(['6 A-1']);
    expect(faultsOf(lines)).toEqual([]);
  });

  it('has its header among its first twenty lines', async () => {
    const titles = 'A title\n'.repeat(20);

    expect(await headerFaults(`${titles}${HEADER}\n`)).toContain('1 sku required');
    expect(skusOf(await read(`${titles.slice(8)}${HEADER}\nA-1,Lamp,,5,GBP,,,\n`))).toEqual(['21 A-1']);
  });

  it('may leave out cells at the end of a record, which keeps what is there, or have more that are empty', async () => {
    const lines = await read(`${HEADER}\nA-1,Lamp,,5,GBP\nA-2,Lamp,,5,GBP,,,,, ,\n ,,, ,\n`);

    expect(skusOf(lines)).toEqual(['2 A-1', '3 A-2']);
    expect(lines).toMatchObject([{ product: { categories: undefined } }, { product: { categories: [] } }]);
    expect(faultsOf(lines)).toEqual([]);
  });

  it.each([
    'sku,name,price.amount,price.currency,attributes.leadTime',
    'SKU,NAME,PRICE.AMOUNT,PRICE.CURRENCY,ATTRIBUTES.LEAD TIME',
    ' Sku , Name,"Price Amount",price_currency,Attributes Lead Time',
    'sku,name,priceAmount,Price-Currency,attributes_lead_time',
  ])('may name its columns %s', async (header) => {
    const [entry] = await read(`${header}\nA-1,Lamp,5,GBP,3\n`);

    expect(entry).toMatchObject({
      product: { sku: 'A-1', name: 'Lamp', price: { amount: 5, currency: 'GBP' }, attributes: { leadTime: 3 } },
    });
  });

  it('says how it is written, and which of its columns it skips', async () => {
    const found: Detected[] = [];
    const names = ['colour', 'attributes.', 'Price / International', 'x'.repeat(200), 'colour'];
    const bytesOf = bytes(encode(`${HEADER.replaceAll(',', ';')};${names.join(';')}\nA-1;Größe;;5;GBP\n`, 'utf-16le'));
    const lines = await Array.fromAsync(
      readProducts(bytesOf, 'csv', { onDetected: (detected) => note(found, detected) }),
    );

    expect(skusOf(lines)).toEqual(['2 A-1']);
    expect(found).toMatchObject([{ encoding: 'utf-16le', delimiter: ';', layout: 'stockroom' }]);
    expect(found[0]?.columns.slice(6)).toEqual([
      { column: 'stock', member: 'stock' },
      { column: 'status', member: 'status' },
      { column: 'colour', member: null },
      { column: 'attributes.', member: null },
      { column: 'Price / International', member: null },
      { column: `${'x'.repeat(99)}…`, member: null },
      { column: 'colour', member: null },
    ]);
    expect(found.map(skippedIn)).toEqual([['colour', 'attributes.', 'Price / International', `${'x'.repeat(99)}…`]]);
  });

  it('says it also of a header that is refused', async () => {
    const found: Detected[] = [];
    const reading = readProducts(bytes('Artikel\tPreis\n1\t2\n'), 'csv', {
      onDetected: (detected) => note(found, detected),
    });

    await expect(Array.fromAsync(reading)).rejects.toThrow(InvalidHeaderError);
    expect(found).toEqual([
      {
        encoding: 'utf-8',
        delimiter: '\t',
        layout: 'mapped',
        columns: [
          { column: 'Artikel', member: null },
          { column: 'Preis', member: 'price' },
        ],
        header: { line: 1, cells: ['Artikel', 'Preis'] },
      },
    ]);
  });

  it.each([
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'valueOf',
    '__defineGetter__',
    'attributes.constructor',
    'attributes.prototype.x',
  ])('may have a column %s, which stands for nothing that objects have', async (name) => {
    const [entry] = await read(`${HEADER},${name}\nA-1,Lamp,,5,GBP,,,,x\n`);

    const { attributes } = entry && 'product' in entry ? entry.product : {};
    expect(entry).toMatchObject({ product: { sku: 'A-1', name: 'Lamp' } });
    expect(Object.keys(attributes ?? {})).toEqual(name === 'attributes.prototype.x' ? ['prototypeX'] : []);
  });

  it('may have columns without a name: the first cell with something in it is reported, its product imported', async () => {
    const text = `${HEADER},, \nA-1,Lamp,,5,GBP,,,,,\nA-2,Lamp,,5,GBP,,,,x,\nA-3,Lamp,,5,GBP,,,,y,z\n`;
    const lines = await read(text);

    expect(skusOf(lines)).toEqual(['2 A-1', '3 A-2', '4 A-3']);
    expect(lines.map(({ remarks }) => remarks?.map(({ detail }) => detail.slice(0, 28)))).toEqual([
      undefined,
      ['has something in column 9, w'],
      ['has something in column 10, '],
    ]);
    // what was reported before an interruption
    expect((await read(text, 'csv', 3)).map(({ remarks }) => remarks?.length)).toEqual([1]);
  });

  it('passes over the lines that are done', async () => {
    const lines = await read(`${HEADER}\nA-1,"Lamp\nred",,5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`, 'csv', 2);

    expect(skusOf(lines)).toEqual(['4 A-2']);
  });

  it.each([
    ['lacks half of a price', 'sku,price.amount\n', ['1 price.currency required']],
    ['lacks SKUs', 'name,price.amount,price.currency\n', ['1 sku required']],
    ['has nothing but SKUs', 'sku\nA-1\n', ['1 - required']],
    ['has a column twice', `${HEADER},sku\n`, ['1 sku twice']],
    ['has a column twice in other spelling', `${HEADER},SKU,Price_Amount\n`, ['1 sku twice', '1 price.amount twice']],
    ['has 201 columns', `${HEADER}${',x'.repeat(193)}\n`, ['1 - fields']],
    ['has a broken quote', 'sku,"name\n', ['1 - quote']],
    ['is no text', Buffer.from('PK\x03\x04\x14\0\x08\0\xe9\xf8,\n', 'latin1'), ['1 - encoding']],
    ['is not there', '\n\n', ['1 - required']],
  ])('is refused as a whole when its header %s', async (_, text, faults) => {
    expect(await headerFaults(text)).toEqual(faults);
  });
});

describe('an NDJSON file', () => {
  const ndjson = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const lamp = { sku: 'A-1', name: 'Lamp', price: { amount: 5, currency: 'GBP' } };
  const other = { ...lamp, sku: 'B-1' };

  it('gives a product a line, in the shape of the API, categories as paths', async () => {
    const [entry] = await read(
      ndjson({
        ...lamp,
        description: null,
        categories: ['Home > Lamps'],
        stock: 3,
        attributes: { pieces: 6, colour: null },
      }),
      'ndjson',
    );

    expect(entry).toMatchObject({
      line: 1,
      product: {
        ...lamp,
        description: null,
        categories: [['Home', 'Lamps']],
        stock: 3,
        attributes: { pieces: 6, colour: null },
      },
    });
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])('may be in %s', async (encoding) => {
    const text = ndjson({ ...lamp, name: 'Größe' }, lamp).replaceAll('\n', '\r\n');
    const lines = await read(encode(text, encoding), 'ndjson');

    expect(lines).toMatchObject([
      { line: 1, product: { name: 'Größe' } },
      { line: 2, end: encode(text, encoding).length },
    ]);
  });

  it('may have CRLF, empty lines and no line break at its end', async () => {
    const lines = await read(`\uFEFF${JSON.stringify(lamp)}\r\n\r\n${JSON.stringify(other)}`, 'ndjson');

    expect(skusOf(lines)).toEqual(['1 A-1', '3 B-1']);
  });

  it('names every fault of a line by the path of the member', async () => {
    const lines = await read(
      ndjson(
        { ...lamp, price: { amount: '5', currency: 'GBP', vat: 1 }, onHand: 5 },
        { sku: 'A-2', name: 'Lamp' },
        { ...lamp, sku: 'A-3', price: 5 },
        { ...lamp, sku: 'A-4', categories: 'Home', attributes: { Colour: 'red' } },
        { ...lamp, sku: 'A-5', stock: null, categories: ['Home', ''] },
      ),
      'ndjson',
    );

    expect(faultsOf(lines).sort()).toEqual([
      '1 onHand unknown',
      '1 price.amount isInt',
      '1 price.vat unknown',
      '3 price isObject',
      '4 attributes isAttributes',
      '4 categories isArray',
      '5 categories path',
      '5 stock isInt',
    ]);
  });

  it.each([
    ['no JSON', '{"sku":', '- json'],
    ['no object', '[1]', '- isObject'],
    ['no UTF-8', Buffer.concat([Buffer.from('{"sku":"äöü'), Buffer.from([0xff]), Buffer.from('"}')]), '- encoding'],
    ['a member twice', '{"sku":"A-1","sku":"A-2"}', 'sku duplicate'],
    ['a member twice further in', '{"sku":"A-1","price":{"amount":1,"amount":2}}', 'price.amount duplicate'],
    ['a number that can’t be kept', '{"sku":"A-1","attributes":{"ean":12345678901234567890}}', 'attributes.ean number'],
    ['a text with a NUL', '{"sku":"A-1","name":"\\u0000"}', 'name encoding'],
    ['half a character', '{"sku":"A-1","attributes":{"colour":"\\ud800"}}', 'attributes.colour encoding'],
    ['a member that means something else in JavaScript', '{"__proto__":{"sku":"A-1"}}', '__proto__ forbidden'],
    ['a depth without end', `{"price":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, `price${'.0'.repeat(31)} depth`],
    ['too much', `{"name":"${'x'.repeat(1024 * 1024)}"}`, '- tooLong'],
  ])('goes on after a line that has %s', async (_, broken, fault) => {
    const lines = await read(
      Buffer.concat([Buffer.from(broken), Buffer.from(`\n${ndjson(other)}`)]),
      'ndjson',
      0,
      65_536,
    );

    expect(faultsOf(lines)).toEqual([`1 ${fault}`]);
    expect(skusOf(lines)).toEqual(['2 B-1']);
  });

  it('goes on after a line of another shape than a product', async () => {
    const shapes = [
      { price: [] },
      { price: 'x' },
      { categories: {} },
      { attributes: [] },
      { stock: '5' },
      { name: {} },
    ];
    const lines = await read(ndjson(...shapes.map((shape) => ({ ...lamp, ...shape })), other), 'ndjson');

    expect(faultsOf(lines).map((fault) => fault.split(' ')[0])).toEqual(
      expect.arrayContaining(['1', '2', '3', '4', '5', '6']),
    );
    expect(skusOf(lines)).toEqual(['7 B-1']);
  });

  it.each([
    ['24.00', 'price.amount', '24.00 is not a whole number of minor units; for GBP 24.00 write 2400'],
    ['1e3', 'price.amount', '1e3 is not a whole number of minor units; write digits only, e.g. 1999 for GBP 19.99'],
  ])('takes %s for no amount', async (amount, column, detail) => {
    const [entry] = await read(`{"sku":"A-1","name":"Lamp","price":{"amount":${amount},"currency":"GBP"}}`, 'ndjson');

    expect(entry).toMatchObject({ faults: [{ column, detail }] });
  });

  it('takes 3.0 for no stock, but for an attribute', async () => {
    const lines = await read(
      '{"sku":"A-1","name":"Lamp","price":{"amount":1,"currency":"GBP"},"stock":3.0}\n' +
        '{"sku":"A-2","name":"Lamp","price":{"amount":1,"currency":"GBP"},"attributes":{"stock":3.0}}\n',
      'ndjson',
    );

    expect(faultsOf(lines)).toEqual(['1 stock isInt']);
    expect(lines[1]).toMatchObject({ product: { attributes: { stock: 3 } } });
  });

  it('passes over the lines that are done', async () => {
    expect(skusOf(await read(ndjson(lamp, { ...lamp, sku: 'A-2' }, other), 'ndjson', 2))).toEqual(['3 B-1']);
  });
});
