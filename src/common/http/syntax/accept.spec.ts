import { describe, expect, it } from '@jest/globals';
import { preferenceOf } from './accept.js';

describe('Accept (RFC 9110 §12.5.1)', () => {
  it.each([
    [undefined, 'json', 'json'],
    ['', 'json', 'json'],
    ['*/*', 'json', 'json'],
    ['application/*', 'json', 'json'],
    ['application/json', 'json', 'json'],
    ['Application/JSON', 'json', 'json'],
    ['application/json; charset=utf-8', 'json', 'json'],
    ['application/json, text/plain, */*', 'json', 'json'],
    ['application/xml', 'xml', 'xml'],
    ['application/xml;charset=UTF-8', 'xml', 'xml'],
    ['application/json;q=0.5, application/xml', 'xml', 'xml'],
    ['application/json, application/xml;q=0.9', 'json', 'json'],
    ['application/xml;q=0.2, */*;q=0.1', 'xml', 'xml'],
    ['*/*, application/json;q=0', 'xml', 'xml'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'json', 'html'],
    ['text/html, application/xml;q=0.9', 'xml', 'html'],
    ['text/html;q=0.5, application/xml', 'xml', 'xml'],
    ['application/xml, application/problem+json', 'xml', 'json'],
    ['application/json, application/problem+xml', 'json', 'xml'],
    ['application/json, application/problem+json', 'json', 'json'],
    ['application/problem+xml', 'xml', 'xml'],
    ['application/problem+json', 'json', 'json'],
    ['text/html', undefined, 'html'],
    ['application/json;q=0', undefined, 'json'],
    ['*/*;q=0', undefined, 'json'],
    ['nonsense', undefined, 'json'],
  ])('%j takes a success in %s and a failure in %s', (accept, success, problem) => {
    expect(preferenceOf(accept)).toEqual({ success, problem });
  });

  it('is read in time that its length allows', () => {
    const begin = performance.now();
    preferenceOf(`${'a/b;x="'.repeat(2000)}, ${'application/json;q=0.1,'.repeat(300)}`);

    expect(performance.now() - begin).toBeLessThan(500);
  });
});
