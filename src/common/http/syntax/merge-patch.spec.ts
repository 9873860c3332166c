import { describe, expect, it } from '@jest/globals';
import { mergePatch } from './merge-patch.js';

// The cases of RFC 7396, appendix A, that concern an object of plain values.
describe('a JSON Merge Patch (RFC 7396)', () => {
  it.each([
    ['replaces a member', { a: 'b' }, { a: 'c' }, { a: 'c' }],
    ['adds a member', { a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    ['removes a member by null', { a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    ['removes what is not there without complaint', { e: 1 }, { a: null }, { e: 1 }],
    ['leaves everything by an empty patch', { a: 'b' }, {}, { a: 'b' }],
  ])('%s', (_, target, patch, result) => {
    expect(mergePatch<string | number>(target, patch)).toEqual(result);
  });

  it('changes neither of its arguments', () => {
    const target = { a: 'b' };
    mergePatch(target, { a: null });

    expect(target).toEqual({ a: 'b' });
  });

  it('takes __proto__ for a name like any other', () => {
    const patch = JSON.parse('{"__proto__": "x"}') as Record<string, string>;

    expect(Object.getPrototypeOf(mergePatch({}, patch))).toBe(Object.prototype);
  });
});
