import { describe, expect, it } from '@jest/globals';
import { csvOf } from './csv.js';

const COLUMNS = { name: 'name', price: 'price.amount' };
const csv = (...data: unknown[]): string => csvOf(JSON.stringify({ data, page: { limit: 20, next: null } }), COLUMNS);

describe('CSV of a page', () => {
  it('names its columns, and has a line for each row', () => {
    expect(csv({ name: 'Lantern', price: { amount: 1999 }, hidden: 'x' }, { name: 'Lamp', price: { amount: 5 } })).toBe(
      'name,price\r\nLantern,1999\r\nLamp,5\r\n',
    );
  });

  it('names its columns where there are no rows', () => {
    expect(csv()).toBe('name,price\r\n');
  });

  it('has nothing for null, and for what is not there', () => {
    expect(csv({ name: null, price: null }, {})).toBe('name,price\r\n,\r\n,\r\n');
  });

  it.each([
    ['a comma', 'Lantern, red', '"Lantern, red"'],
    ['a quote', '5" lantern', '"5"" lantern"'],
    ['a line break', 'one\r\ntwo', '"one\r\ntwo"'],
  ])('quotes %s (RFC 4180 §2)', (_, name, field) => {
    expect(csv({ name })).toBe(`name,price\r\n${field},\r\n`);
  });

  it.each([
    ['=', '=1+1', "'=1+1"],
    ['+', '+1', "'+1"],
    ['-', '-1', "'-1"],
    ['@', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab', '\t=1', "'\t=1"],
    ['a carriage return', '\r=1', '"\'\r=1"'],
    ['a full-width =', '＝1', "'＝1"],
    ['a formula with quotes', '=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
  ])('has an apostrophe before a text that begins with %s, so that no spreadsheet computes it', (_, name, field) => {
    expect(csv({ name })).toBe(`name,price\r\n${field},\r\n`);
  });

  it('leaves numbers and other texts alone', () => {
    expect(csv({ name: 'a=b', price: { amount: -1999 } })).toBe('name,price\r\na=b,-1999\r\n');
  });
});
