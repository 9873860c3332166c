import { describe, expect, it } from '@jest/globals';
import { faultOfText, isBlank, lengthOf, LONGEST_LINE } from './text.js';

describe('a text', () => {
  it.each([
    ['half of a surrogate pair', 'a\ud800', 'encoding'],
    ['the other half', '\udc00b', 'encoding'],
    ['the halves in the wrong order', '\ude00\ud83d', 'encoding'],
    ['U+0000', 'a\0b', 'encoding'],
    ['a bell', 'a\u0007', 'control'],
    ['an escape', '\u001b[31m', 'control'],
    ['DEL', '\u007f', 'control'],
    ['a C1 control', '\u0085', 'control'],
    ['a tab', 'a\tb', 'control'],
    ['a line break', 'a\nb', 'control'],
  ])('of one line is refused with %s', (_, text, code) => {
    expect(faultOfText(text)?.code).toBe(code);
  });

  it('of several lines may have tabs and line breaks, and no other control characters', () => {
    expect(faultOfText('a\tb\r\nc\n', LONGEST_LINE + 1)).toBeUndefined();
    expect(faultOfText('a\u0007', LONGEST_LINE + 1)?.code).toBe('control');
    expect(faultOfText('a\u000b', LONGEST_LINE + 1)?.code).toBe('control');
    expect(faultOfText('\ud800', LONGEST_LINE + 1)?.code).toBe('encoding');
  });

  it.each(['', 'ä', 'e\u0301', '😀', '👩\u200d👩\u200d👧', '‮right to left', '\ufffd'])('may be %j', (text) => {
    expect(faultOfText(text)).toBeUndefined();
  });

  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 2],
    ['😀', 1],
    ['a\ufe0f', 2],
    ['❤\ufe0f', 2],
    ['👨\u200d👩\u200d👧', 5],
    ['🇬🇧', 2],
  ])('%j has as many characters as PostgreSQL and JSON Schema count', (text, length) => {
    expect(lengthOf(text)).toBe(length);
    expect(lengthOf(text)).toBe(Array.from(text).length);
  });

  it.each([
    '',
    ' ',
    '\u00a0',
    '\u3000',
    '\t\n',
    '\u200b',
    '\u200d\u2060',
    '\ufeff',
    '\u00ad',
    '\ufe0f',
    '\u3164',
    '\u115f',
    '\u2800',
    '\u202e',
    '\u180e',
    '\u{e0020}',
  ])('%j is blank', (text) => {
    expect(isBlank(text)).toBe(true);
  });

  it.each(['a', ' a ', '.', '😀', '❤\ufe0f', 'ع', '\u200bx'])('%j is not blank', (text) => {
    expect(isBlank(text)).toBe(false);
  });
});
