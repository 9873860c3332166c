import { describe, expect, it } from '@jest/globals';
import { filesOf, sizeWithin, nameOf } from './image-files.js';

describe('sizeWithin', () => {
  it.each([
    ['a smaller one, which is not enlarged', { width: 40, height: 20 }, 200, { width: 40, height: 20 }],
    ['a wide one', { width: 4000, height: 3000 }, 1600, { width: 1600, height: 1200 }],
    ['a tall one', { width: 3000, height: 4000 }, 1600, { width: 1200, height: 1600 }],
    ['one that is as large', { width: 800, height: 800 }, 800, { width: 800, height: 800 }],
    ['a line, which stays one', { width: 20_000, height: 10 }, 200, { width: 200, height: 1 }],
  ])('cuts the longer side of %s', (_, size, longest, expected) => {
    expect(sizeWithin(size, longest)).toEqual(expected);
  });
});

describe('filesOf', () => {
  const names = (...given: Parameters<typeof filesOf>): string[] => filesOf(...given).map(nameOf);
  const size = { width: 1000, height: 500 };

  it('makes JPEG at once, and WebP as well where there is transparency', () => {
    expect(names('accept', size, false)).toEqual(['original.jpg', 'large.jpg', 'medium.jpg', 'thumb.jpg']);
    expect(names('accept', size, true)).toHaveLength(8);
  });

  it.each([true, false])(
    'makes all variants in all types by both tasks together, each once (transparency: %s)',
    (hasAlpha) => {
      const all = [...names('accept', size, hasAlpha), ...names('derive', size, hasAlpha)];

      expect(new Set(all).size).toBe(12);
      expect(all).toHaveLength(12);
    },
  );

  it('makes no variant larger than the original', () => {
    expect(filesOf('accept', size, false).map(({ variant, width, height }) => [variant, width, height])).toEqual([
      ['original', 1000, 500],
      ['large', 1000, 500],
      ['medium', 800, 400],
      ['thumb', 200, 100],
    ]);
  });
});
