/** A shape of an input that no client sends: its name, and how it is made as long as that, in characters or bytes. */
export type Shape = [name: string, make: (length: number) => string];

/** The text again and again, so long. */
export const filled = (text: string, length: number): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

/** As many parts as there is room for, between a beginning and an end. */
function parts(length: number, begin: string, part: (index: number) => string, end: string): string {
  const all: string[] = [];
  for (let left = length - begin.length - end.length, index = 0; ; index += 1) {
    const next = part(index);
    left -= next.length + 1;
    if (left < 0) return `${begin}${all.join(',')}${end}`;
    all.push(next);
  }
}

/** The shapes of texts, for headers, parameters and segments of paths. */
export const TEXTS: Shape[] = [
  'a',
  ' ',
  ', ',
  ',',
  ';',
  '"',
  '"",',
  '\\"',
  '"a", ',
  'W/"a", ',
  'W/"',
  '"1", ',
  'a;q=0.5,',
  'a/b;q=0.5, ',
  'a/b; c="d;", ',
  '; charset="',
  'a=b; ',
  '0-0,',
  'bytes=',
  '0',
  'a-',
  '/',
  '../',
  '*',
  '(',
].map((text) => [`${JSON.stringify(text)} again and again`, (length) => filled(text, length)]);

/** The shapes of the bodies of an operation that has a member, and perhaps one that is a list. */
export const bodies = (member: string, list = member): Shape[] => [
  ['unknown members', (length) => parts(length, '{', (index) => `"m${String(index)}":0`, '}')],
  ['unknown members with lists', (length) => parts(length, '{', (index) => `"m${String(index)}":[0,0]`, '}')],
  [
    'unknown members below a member',
    (length) => parts(length, `{"${member}":{`, (index) => `"m${String(index)}":0`, '}}'),
  ],
  ['escaped names', (length) => parts(length, '{', (index) => `"\\u006d${String(index)}":0`, '}')],
  ['a name twice', (length) => parts(length, '{', () => `"${member}":0`, '}')],
  [
    'names that every object has',
    (length) => parts(length, '{', (index) => `"toString${' '.repeat(index % 9)}":0`, '}'),
  ],
  ['a list for a text', (length) => parts(length, `{"${member}":[`, () => '1', ']}')],
  ['lists in a list', (length) => parts(length, `{"${member}":[`, () => '[[[[]]]]', ']}')],
  ['objects in a list', (length) => parts(length, `{"${list}":[`, () => '{"a":{}}', ']}')],
  [
    'ids in a list',
    (length) =>
      parts(
        length,
        `{"${list}":[`,
        (index) => `"0198f3c2-7d0e-7a51-9b1e-${index.toString(16).padStart(12, '0')}"`,
        ']}',
      ),
  ],
  ['short texts in a list', (length) => parts(length, `{"${list}":[`, (index) => `"${index.toString(36)}"`, ']}')],
  ['one long text', (length) => `{"${member}":"${filled('a', length - member.length - 8)}"}`],
  ['one long text of spaces', (length) => `{"${member}":"${filled(' ', length - member.length - 8)}"}`],
  ['one long text with @', (length) => `{"${member}":"${filled('a@', length - member.length - 8)}"}`],
  ['one long text with dots', (length) => `{"${member}":"${filled('a@b.', length - member.length - 8)}"}`],
  ['one long text of escapes', (length) => `{"${member}":"${filled('\\u0061', 6 * Math.floor((length - 40) / 6))}"}`],
  ['one long text of backslashes', (length) => `{"${member}":"${filled('\\\\', 2 * Math.floor((length - 40) / 2))}"}`],
  ['one long name', (length) => `{"${filled('a', length - 8)}":1}`],
  ['one long number', (length) => `{"${member}":${filled('1', length - member.length - 6)}}`],
  ['a list so deep', (length) => `${'['.repeat(Math.floor(length / 2))}${']'.repeat(Math.floor(length / 2))}`],
  ['an object so deep', (length) => `${'{"a":'.repeat(Math.floor(length / 6))}0${'}'.repeat(Math.floor(length / 6))}`],
  ['no JSON', (length) => filled('"', length)],
  ['nothing but spaces', (length) => filled(' ', length)],
];
