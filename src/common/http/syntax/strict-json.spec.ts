import { describe, expect, it } from '@jest/globals';
import { cpuTimeOf } from '../../../../test/support/cpu-time.js';
import { AppError } from '../../errors/app-error.js';
import { statusOf } from '../errors/status.js';
import { parseStrictJson } from './strict-json.js';

function refusalOf(text: string): { status: number; pointer: string | undefined; code: string | undefined } {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof AppError) {
      const [fault] = error.extras.errors ?? [];
      return { status: statusOf(error.kind), pointer: fault?.pointer, code: fault?.code };
    }
    throw error;
  }
  throw new Error('it was not refused');
}

const list = (items: number, item = '0'): string => `[${Array<string>(items).fill(item).join(',')}]`;
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"m${String(index)}":0`).join(',')}}`;
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('JSON, strictly', () => {
  it.each([
    ['{}'],
    ['[]'],
    ['"text"'],
    ['null'],
    ['-0.5e-7'],
    ['{"a":{"b":1},"c":{"b":1}}'],
    ['[{"a":1},{"a":1}]'],
    ['{"a":"a","b":["a","a","\\"a\\":"]}'],
    [' { "a" : [ 1 , { "b" : "\\\\" } ] , "c" : "}" } '],
    ['{"a":"\\\\\\"","b":"{\\"a\\":1,\\"a\\":1}"}'],
    ['{"constructors":1,"proto":2,"prototype":3}'],
    ['{"a":"__proto__","b":"constructor"}'],
    ['9007199254740991'],
    ['[-9007199254740991, 0.1, 1e15]'],
    [nested(32)],
    [members(200)],
    [list(1000)],
    [`[${list(1000)},${list(1000, '{}')}]`],
  ])('reads %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['a member given twice (ASVS 1.5.3)', '{"a":1,"a":1}', '#/a', 'duplicate'],
    ['one given twice further in', '{"x":[0,{"y":{"a":1,"b":2,"a":3}}]}', '#/x/1/y/a', 'duplicate'],
    ['one given twice in other letters', '{"a":1,"\\u0061":2}', '#/a', 'duplicate'],
    ['one given twice around another object', '{"a":{"b":1},"a":{}}', '#/a', 'duplicate'],
    ['an empty name given twice', '{"":1,"":2}', '#/', 'duplicate'],
    ['a name that a pointer escapes', '{"a/b~":1,"a/b~":2}', '#/a~1b~0', 'duplicate'],
    ['__proto__ (ASVS 15.3.6)', '{"__proto__":{}}', '#/__proto__', 'forbidden'],
    ['__proto__ in disguise', '{"\\u005f_proto__":1}', '#/__proto__', 'forbidden'],
    ['constructor', '[{"constructor":1}]', '#/0/constructor', 'forbidden'],
    ['a whole number that can’t be kept', '{"a":9007199254740993}', '#/a', 'number'],
    ['a negative one', '[1,-9007199254740992]', '#/1', 'number'],
    ['one beyond all', '1e400', '#', 'number'],
    ['more than 32 levels', nested(33), `#${'/0'.repeat(32)}`, 'depth'],
    ['more than 200 members of one object', `{"a":${members(201)}}`, '#/a/m200', 'members'],
    ['more than 1,000 items of one array', list(1001), '#/1000', 'items'],
    ['more than 10,000 values in all', list(11, list(999)), '#/9/998', 'values'],
    ['that many empty objects', list(100, list(100, '{}')), '#/99', 'values'],
  ])('refuses %s with 400', (_, text, pointer, code) => {
    expect(refusalOf(text)).toEqual({ status: 400, pointer, code });
  });

  it('tells of numbers that are not written as digits, and where they are', () => {
    const fractions: unknown[] = [];
    parseStrictJson('{"a":24.00,"b":[1,1e3],"c":{"d":-2.5},"e":7,"f":"1.5"}', (path, written) =>
      fractions.push([path.join('/'), written]),
    );

    expect(fractions).toEqual([
      ['a', '24.00'],
      ['b/1', '1e3'],
      ['c/d', '-2.5'],
    ]);
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '{"a":1} x', 'NaN', '01', '\ufeff{}', '"\n"'])(
    'refuses %j, which is none (RFC 8259)',
    (text) => {
      expect(refusalOf(text).status).toBe(400);
    },
  );

  it.each([
    ['levels', '['.repeat(1024 * 1024)],
    ['quotes', `["${'\\"'.repeat(500_000)}"]`],
    ['backslashes', `["${'\\\\'.repeat(500_000)}"]`],
    ['members', `{${Array.from({ length: 60_000 }, (_, index) => `"m${String(index)}":1`).join(',')}}`],
    ['digits', `[${'1'.repeat(1_000_000)}]`],
  ])('is done soon with a MiB of %s', async (_, text) => {
    const spent = await cpuTimeOf(() => {
      try {
        parseStrictJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }, 1000);

    expect(spent).toBeLessThan(1000);
  });
});
