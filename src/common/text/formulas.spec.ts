import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { guarded, unguarded } from './formulas.js';

describe('a text for a spreadsheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    [' \r\n＝1', "' \r\n＝1"],
    ['|calc', "'|calc"],
    ['%0A', "'%0A"],
    ["'=1", "''=1"],
    ["'' -1", "''' -1"],
  ])('%j has an apostrophe before it', (text, safe) => {
    expect([guarded(text), unguarded(safe)]).toEqual([safe, text]);
  });

  it.each(['', "'", "'Tis", "''", 'a=b', '5', ' 5', "'5", '\t', 'é'])('%j stays as it is', (text) => {
    expect([guarded(text), unguarded(text)]).toEqual([text, text]);
  });

  it('is the same again when it comes back, and never begins as a formula', () => {
    const near = fc.string({ unit: fc.constantFrom("'", ' ', '\t', '\r', '\n', '=', '-', '＝', '|', '%', 'a', '"') });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'grapheme' })), (text) => {
        expect(unguarded(guarded(text))).toBe(text);
        expect(guarded(text)).not.toMatch(/^[\s]*[=+\-@＝＋－＠|%]/);
      }),
      { numRuns: 2000 },
    );
  });
});
