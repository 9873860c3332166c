import { describe, expect, it } from '@jest/globals';
import { codedEtag, etagKnownTo, etagOf, versionIn } from './etag.js';

describe('an entity tag', () => {
  it('differs by version, view and content coding (RFC 9110 §8.8.3)', () => {
    expect([etagOf(7), etagOf(7, '-staff-xml'), codedEtag(etagOf(7, '-xml'), 'br')]).toEqual([
      '"7"',
      '"7-staff-xml"',
      '"7-xml-br"',
    ]);
  });

  it.each([
    ['7', 7],
    ['7-xml', 7],
    ['12-admin.staff-xml-gzip', 12],
    ['7.3.14', 7],
    ['7.3.14-staff', 7],
    ['7.', undefined],
    ['7-storeManager.tier2-xml', 7],
    ['', undefined],
    ['seven', undefined],
    ['7-', undefined],
    ['-7', undefined],
    ['7xml', undefined],
    ['07777777777', undefined],
  ])('%j is of the version %s', (opaque, version) => {
    expect(versionIn(opaque)).toBe(version);
  });

  it.each([
    ['*', '"7"', '"7"'],
    ['"7"', '"7"', '"7"'],
    ['W/"7"', '"7"', '"7"'],
    ['"6", W/"7", "8"', '"7"', '"7"'],
    ['"7-br"', '"7"', '"7-br"'],
    ['"7-xml-zstd"', '"7-xml"', '"7-xml-zstd"'],
    ['"6"', '"7"', undefined],
    ['"7-xml"', '"7"', undefined],
    ['"7-staff"', '"7"', undefined],
    ['"7"', '"7-staff"', undefined],
    ['"7-deflate"', '"7"', undefined],
    ['7', '"7"', undefined],
    ['', '"7"', undefined],
  ])('If-None-Match: %s, of what is %s, finds %s (RFC 9110 §13.1.2)', (header, etag, known) => {
    expect(etagKnownTo(header, etag)).toBe(known);
  });
});
