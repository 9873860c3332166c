import { describe, expect, it } from '@jest/globals';
import { isComplete, isSequence, pictureTypeOf } from './image-content.js';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The first box of an ISO base media file. */
const brands = (major: string, ...others: string[]): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 16 + 4 * others.length]), latin(`ftyp${major}\0\0\0\0${others.join('')}`)]);

/** The frame of a PNG with chunks of no content. */
const png = (...chunks: string[]): Buffer =>
  Buffer.concat([latin('\x89PNG\r\n\x1a\n'), ...chunks.map((type) => latin(`\0\0\0\0${type}crc.`))]);

describe('pictureTypeOf', () => {
  it.each([
    ['a JPEG', latin('\xff\xd8\xff\xe0'), 'image/jpeg'],
    ['a PNG', png('IHDR'), 'image/png'],
    ['a WebP', latin('RIFF....WEBPVP8 '), 'image/webp'],
    ['an AVIF', brands('avif', 'mif1', 'miaf'), 'image/avif'],
    ['an AVIF whose major brand is of all HEIF files', brands('mif1', 'miaf', 'avif'), 'image/avif'],
  ])('knows %s', (_, bytes, type) => {
    expect(pictureTypeOf(bytes)).toBe(type);
  });

  it.each([
    ['nothing', latin('')],
    ['a single byte', latin('\xff')],
    ['a GIF', latin('GIF89a')],
    ['a TIFF', latin('II*\0')],
    ['an SVG', latin('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a HEIC', brands('heic', 'mif1', 'heic')],
    ['another RIFF', latin('RIFF....WAVEfmt ')],
    ['a JPEG behind something else', latin(' \xff\xd8\xff\xe0')],
    ['a list of brands that is cut off', brands('mif1', 'miaf', 'avif').subarray(0, 20)],
    ['brands behind the end of their box', Buffer.concat([brands('heic', 'mif1'), latin('avif')])],
  ])('does not take %s', (_, bytes) => {
    expect(pictureTypeOf(bytes)).toBeUndefined();
  });
});

describe('isSequence', () => {
  it.each([
    ['an APNG', png('IHDR', 'acTL', 'IDAT', 'IEND'), 'image/png', true],
    ['a PNG', png('IHDR', 'IDAT', 'IEND'), 'image/png', false],
    ['a PNG that says so too late', png('IHDR', 'IDAT', 'acTL', 'IEND'), 'image/png', false],
    [
      'a PNG that has the letters in a text',
      Buffer.concat([png('IHDR'), latin('\0\0\0\x04tEXtacTLcrc.'), png('IDAT').subarray(8)]),
      'image/png',
      false,
    ],
    ['an AVIF sequence', brands('avis', 'avif', 'msf1'), 'image/avif', true],
    ['an AVIF', brands('avif', 'mif1'), 'image/avif', false],
  ] as const)('of %s', (_, bytes, type, expected) => {
    expect(isSequence(bytes, type)).toBe(expected);
  });
});

describe('isComplete', () => {
  const whole = png('IHDR', 'IDAT', 'IEND');

  it('is a PNG with its last chunk, also when something follows', () => {
    expect(isComplete(whole, 'image/png')).toBe(true);
    expect(isComplete(Buffer.concat([whole, latin('<html>')]), 'image/png')).toBe(true);
  });

  it.each([1, 4, 8, 12, 20])('is not a PNG without its last %s bytes', (count) => {
    expect(isComplete(whole.subarray(0, -count), 'image/png')).toBe(false);
  });

  it('is not a PNG with a chunk that is longer than the file', () => {
    expect(isComplete(Buffer.concat([png('IHDR'), latin('\xff\xff\xff\xffIDAT'), whole]), 'image/png')).toBe(false);
  });
});
