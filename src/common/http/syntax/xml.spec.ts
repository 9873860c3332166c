import { describe, expect, it } from '@jest/globals';
import { fromXml } from '../../../../test/support/xml.js';
import { xmlOf } from './xml.js';

describe('XML made of JSON', () => {
  it('has elements for members, <i> for items, and says what is no text', () => {
    const json = '{"name":"Mug","price":{"amount":650},"tags":["a","b"],"on":true,"note":null}';

    expect(xmlOf(json, 'resource')).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<resource><name>Mug</name><price><amount type="number">650</amount></price><tags type="array"><i>a</i><i>b</i></tags><on type="boolean">true</on><note type="null"></note></resource>`,
    );
  });

  it('is a problem as RFC 9457, appendix B, has it', () => {
    expect(xmlOf('{"type":"https://shop.example/problems/not-found","status":404}', 'problem')).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<problem xmlns="urn:ietf:rfc:7807"><type>https://shop.example/problems/not-found</type><status>404</status></problem>`,
    );
  });

  it.each([
    ['nothing', {}],
    ['empty values', { text: '', list: [], object: {}, none: null }],
    ['texts that look like other things', { a: '6', b: 'true', c: 'null', d: '[]', e: '{"a":1}', f: '"' }],
    ['numbers', { a: 0, b: -1, c: 1.5, d: 1e21, e: 1e-7, f: Number.MAX_SAFE_INTEGER }],
    ['markup', { a: '<b>&amp;"\'</b>', b: ']]>', c: '<!-- x -->', d: '<?x?>', e: '&#0;' }],
    ['white space', { a: ' ', b: '\t\n x ', c: '\r', d: 'a\r\nb', e: '\u0085\u2028' }],
    ['characters that XML can’t have', { a: '\u0000\u0001\u001f', b: '\ufffe\uffff', c: '\ud800', d: 'x\udc00y' }],
    ['characters beyond the BMP', { a: '🏮', b: 'é', c: '\u{10fffd}' }],
    ['names that XML can’t have', { 'a b': 1, '': 2, '1': 3, 'x/y"<&>': 4, 'a:b': 5, '🏮': 6, '\u0001\n': 7 }],
    ['names that mean something', { xmlns: 1, XMLx: 2, i: 3, member: 4, type: 5, '@type': 6, '#': 7, '?xml': 8 }],
    ['names of prototypes', JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}')],
    ['lists in lists', { a: [[1], [[], [{}]], [null, 'x', false]] }],
    ['an object whose only member is i', { a: { i: 'x' } }],
  ])('brings back %s', (_, value) => {
    expect(fromXml(xmlOf(JSON.stringify(value), 'resource')).value).toEqual(value);
  });

  it('brings back the own members of __proto__', () => {
    const { value } = fromXml(xmlOf('{"__proto__":"x"}', 'resource'));

    expect(JSON.stringify(value)).toBe('{"__proto__":"x"}');
  });

  it('is as deep as the JSON', () => {
    const json = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;

    expect(JSON.stringify(fromXml(xmlOf(json, 'resource')).value)).toBe(json);
  });
});
