import { describe, expect, it } from '@jest/globals';
import { isDateTime } from './date-time.js';

describe('a date and time', () => {
  it.each([
    '2026-11-20T09:30:00Z',
    '2026-11-20T09:30:00.123456Z',
    '2026-11-20T09:30:00+05:30',
    '2024-02-29T23:59:59-12:00',
    '0001-01-01T00:00:00Z',
  ])('is %s', (text) => {
    expect(isDateTime(text)).toBe(true);
  });

  it.each([
    '2026-11-20',
    '2026-11-20T09:30:00',
    '2026-11-20 09:30:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:30:60Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-11-20T09:30:00+24:00',
    1763631000000,
    null,
  ])('is not %s', (value) => {
    expect(isDateTime(value)).toBe(false);
  });
});
