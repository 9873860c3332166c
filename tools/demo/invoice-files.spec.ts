import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InputError, type InvoiceLine, listInvoiceFiles, readInvoiceLines } from './invoice-files.js';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';
const SALE = '536365,85123A,"LANTERN, WHITE",6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n';

describe('invoice files', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'invoices-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(name: string, content: string | Buffer): Promise<InvoiceLine[]> {
    const path = join(folder, name);
    await writeFile(path, content);
    const lines: InvoiceLine[] = [];
    for await (const line of readInvoiceLines(path)) {
      lines.push(line);
    }
    return lines;
  }

  it.each([
    ['2010-12.csv', Buffer.from(HEADER + SALE)],
    ['2010-12.csv.gz', gzipSync(HEADER + SALE)],
  ])('reads %s', async (name, content) => {
    await expect(read(name, content)).resolves.toEqual([
      {
        invoice: '536365',
        code: '85123A',
        description: 'LANTERN, WHITE',
        quantity: 6,
        mills: 2550,
        date: '2010-12-01 08:26:00',
        customer: '17850',
      },
    ]);
  });

  it('makes one code of those that differ in the case of a letter, and takes a line without a customer for a guest', async () => {
    const lines = await read('2010-12.csv', HEADER + SALE.replace('85123A', '85123a').replace('17850', ''));

    expect(lines).toMatchObject([{ code: '85123A', customer: null }]);
  });

  it('lists the invoice files in order and nothing else', async () => {
    await Promise.all(['2011-01.csv', '2010-12.csv.gz', 'README.md'].map((name) => writeFile(join(folder, name), '')));
    const files = await listInvoiceFiles(folder);
    expect(files.map((path) => basename(path))).toEqual(['2010-12.csv.gz', '2011-01.csv']);
  });

  it('says so when the folder is missing or holds no invoice file', async () => {
    await expect(listInvoiceFiles(join(folder, 'nowhere'))).rejects.toThrow(InputError);
    await expect(listInvoiceFiles(folder)).rejects.toThrow('no *.csv or *.csv.gz file in');
  });

  it.each([
    ['other columns', 'sku,name\n1,Mug\n', 'bad.csv, line 1: the header has no column InvoiceNo, StockCode'],
    ['no line at all', '', 'bad.csv, line 1: the file is empty'],
    ['a quantity in words', HEADER + SALE + SALE.replace(',6,', ',six,'), 'bad.csv, line 3: "six" is not a quantity'],
    ['a price in words', HEADER + SALE.replace('2.55', 'free'), 'bad.csv, line 2: "free" is not a price'],
    [
      'a date of another form',
      HEADER + SALE.replace('2010-12-01', '01/12/2010'),
      'bad.csv, line 2: "01/12/2010 08:26:00" is not',
    ],
    ['a line cut short', `${HEADER}536365,85123A\n`, /^bad\.csv: .*line 2/],
  ])('names the file and the line of %s', async (_fault, content, message) => {
    await expect(read('bad.csv', content)).rejects.toThrow(message);
  });

  it('names the file that is no gzip', async () => {
    await expect(read('bad.csv.gz', HEADER)).rejects.toThrow(/^bad\.csv\.gz, after line 1: /);
  });
});
