import { describe, expect, it } from '@jest/globals';
import { type ImportFormat, type ImportLine, readProducts, WrongHeader } from './reader.js';

const HEADER = 'sku,name,description,price.amount,price.currency,categories,stock,status';

const bytes = async function* (text: string | Buffer, size = 7): AsyncGenerator<Buffer> {
  const whole = Buffer.from(text);
  for (let start = 0; start < whole.length; start += size) yield Promise.resolve(whole.subarray(start, start + size));
};

const read = (text: string | Buffer, format: ImportFormat = 'csv', after = 0, size?: number): Promise<ImportLine[]> =>
  Array.fromAsync(readProducts(bytes(text, size), format, after));

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
  if (!(refusal instanceof WrongHeader)) throw new Error('the header was taken');
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

  it('may have a byte order mark, CRLF, empty lines and no line break at its end', async () => {
    const lines = await read(`\uFEFF${HEADER}\r\n\r\nA-1,Lamp,,5,GBP,,,\r\n,,,,,,,\r\n\r\nA-2,Lamp,,5,GBP,,,`);

    expect(skusOf(lines)).toEqual(['3 A-1', '6 A-2']);
    expect(faultsOf(lines)).toEqual([]);
  });

  it('may have quotes and line breaks in quotes; the line is that of the record’s beginning', async () => {
    const lines = await read(`${HEADER}\nA-1,"A ""big""\r\nlamp",,5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`);

    expect(lines[0]).toMatchObject({ line: 2, product: { name: 'A "big"\r\nlamp' } });
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
      `${HEADER}\n b,,,19.99,XXP,Home > > Lamps,many,sold\nA-2,Lamp,,-1,GBP,,-1,\nA-3,Lamp,,,GBP,,,\nA-4,Lamp,,5,GBP,,,\n`,
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

  it('says what is wrong as it is read after the column', async () => {
    const [entry] = await read(`${HEADER}\nA-1,Lamp,,19.99,GBP,,,\n`);

    expect(entry).toMatchObject({ faults: [{ column: 'price.amount', detail: 'must be an integer number' }] });
  });

  it('goes on after a record with too few or too many fields', async () => {
    const lines = await read(`${HEADER}\nA-1,Lamp\nA-2,Lamp,,5,GBP,,,,\nA-3,Lamp,,5,GBP,,,\n`);

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

  it('names a cell that is no UTF-8 or has a NUL', async () => {
    const lines = await read(
      Buffer.concat([
        Buffer.from(`${HEADER}\nA-1,Caf`),
        Buffer.from([0xe9]),
        Buffer.from(',,5,GBP,,,\nA-2,Lamp,a\0b,5,GBP,,,\n'),
      ]),
    );

    expect(faultsOf(lines)).toEqual(['2 name encoding', '3 description encoding']);
  });

  it('passes over the lines that are done', async () => {
    const lines = await read(`${HEADER}\nA-1,"Lamp\nred",,5,GBP,,,\nA-2,Lamp,,5,GBP,,,\n`, 'csv', 2);

    expect(skusOf(lines)).toEqual(['4 A-2']);
  });

  it.each([
    ['lacks columns', 'sku,price.amount\n', ['1 name required', '1 price.currency required']],
    [
      'has unknown columns',
      `${HEADER},colour,attributes.Colour\n`,
      ['1 colour unknown', '1 attributes.Colour unknown'],
    ],
    ['has a column twice', `${HEADER},sku\n`, ['1 sku twice']],
    ['has other delimiters', 'sku;name;price.amount;price.currency\n', ['1 - delimiter']],
    ['has a broken quote', 'sku,"name\n', ['1 - quote']],
    ['is in UTF-16', Buffer.from('\uFEFFsku,name\n', 'utf16le'), ['1 - encoding']],
    ['is not there', '\n\n', ['1 - required']],
  ])('is refused as a whole when its header %s', async (_, text, faults) => {
    expect(await headerFaults(text)).toEqual(faults);
  });
});

describe('an NDJSON file', () => {
  const ndjson = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const lamp = { sku: 'A-1', name: 'Lamp', price: { amount: 5, currency: 'GBP' } };

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

  it('may have CRLF, empty lines and no line break at its end', async () => {
    const lines = await read(`\uFEFF${JSON.stringify(lamp)}\r\n\r\n${JSON.stringify(lamp)}`, 'ndjson');

    expect(skusOf(lines)).toEqual(['1 A-1', '3 A-1']);
  });

  it('names every fault of a line by the path of the member', async () => {
    const lines = await read(
      ndjson(
        { ...lamp, price: { amount: '5', currency: 'GBP', vat: 1 }, onHand: 5 },
        { sku: 'A-2', name: 'Lamp' },
        { ...lamp, price: 5 },
        { ...lamp, categories: 'Home', attributes: { Colour: 'red' } },
        { ...lamp, stock: null, categories: ['Home', ''] },
      ),
      'ndjson',
    );

    expect(faultsOf(lines).sort()).toEqual([
      '1 onHand unknown',
      '1 price.amount isInt',
      '1 price.vat unknown',
      '2 price required',
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
    ['no UTF-8', Buffer.from('{"sku":"\xff"}', 'latin1'), '- encoding'],
    ['a text with a NUL', '{"sku":"A-1","name":"\\u0000"}', 'name encoding'],
    ['half a character', '{"sku":"A-1","attributes":{"colour":"\\ud800"}}', 'attributes.colour encoding'],
    ['a member that means something else in JavaScript', '{"__proto__":{"sku":"A-1"}}', '__proto__ unknown'],
    ['a depth without end', `{"price":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'price.0.0 depth'],
    ['too much', `{"name":"${'x'.repeat(1024 * 1024)}"}`, '- tooLong'],
  ])('goes on after a line that has %s', async (_, broken, fault) => {
    const lines = await read(
      Buffer.concat([Buffer.from(broken), Buffer.from(`\n${ndjson(lamp)}`)]),
      'ndjson',
      0,
      65_536,
    );

    expect(faultsOf(lines)).toEqual([`1 ${fault}`]);
    expect(skusOf(lines)).toEqual(['2 A-1']);
  });

  it('passes over the lines that are done', async () => {
    expect(skusOf(await read(ndjson(lamp, lamp, lamp), 'ndjson', 2))).toEqual(['3 A-1']);
  });
});
