import { describe, expect, it } from '@jest/globals';
import { parseReply } from './image-messages.js';

const made = { width: 40, height: 20, hasAlpha: false, thumbHash: 'nhcGHYR1eYmnlZV/ySWFiYClF3sI' };

describe('parseReply', () => {
  it('takes what was made, and nothing that was not asked for', () => {
    expect(parseReply({ made: { ...made, path: '/etc/passwd' }, files: ['/etc/passwd'] })).toEqual({ made });
  });

  it('takes a refusal and a failure', () => {
    expect(parseReply({ refused: 'broken' })).toEqual({ refused: 'broken' });
    expect(parseReply({ failed: 'no space left' })).toEqual({ failed: 'no space left' });
  });

  it('takes the beginning of a long text', () => {
    expect(parseReply({ failed: 'a'.repeat(100_000) })).toEqual({ failed: 'a'.repeat(500) });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ready'],
    ['an object without anything', {}],
    ['a width of zero', { made: { ...made, width: 0 } }],
    ['a side that is too long', { made: { ...made, height: 2561 } }],
    ['a fraction of a pixel', { made: { ...made, width: 1.5 } }],
    ['a side that is a text', { made: { ...made, width: '40' } }],
    ['no transparency', { made: { ...made, hasAlpha: undefined } }],
    ['a ThumbHash that is none', { made: { ...made, thumbHash: '<script>' } }],
    ['a ThumbHash that is too long', { made: { ...made, thumbHash: 'A'.repeat(100) } }],
    ['a reason that there is not', { refused: 'toString' }],
    ['a failure without words', { failed: 1 }],
  ])('does not take %s', (_, message) => {
    expect(parseReply(message)).toBeUndefined();
  });
});
