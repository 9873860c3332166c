import { describe, expect, it } from '@jest/globals';
import { readCredentials, readOptions, USAGE } from './options.js';

describe('the options of npm run replay', () => {
  it('are read', () => {
    const args = ['2010-12.csv.gz', '2011-01.csv', '--url', 'http://localhost:8200/', '--concurrency', '16'];

    expect(readOptions(args)).toEqual({
      files: ['2010-12.csv.gz', '2011-01.csv'],
      url: 'http://localhost:8200',
      concurrency: 16,
      planOnly: false,
    });
  });

  it('have defaults', () => {
    expect(readOptions(['2010-12.csv'])).toMatchObject({ url: 'http://localhost:3000', concurrency: 4 });
  });

  it.each([
    ['no file', [], 'Name the files to replay.'],
    ['no address', ['a.csv', '--url', 'localhost:3000'], '--url: localhost:3000 is no address of a shop'],
    ['no workers', ['a.csv', '--concurrency', '0'], '--concurrency: 0 is no whole number from 1 to 64.'],
    ['too many workers', ['a.csv', '--concurrency', '65'], '--concurrency: 65 is no whole number from 1 to 64.'],
    ['an unknown option', ['a.csv', '--fast'], "Unknown option '--fast'"],
  ])('are refused with %s', (_, args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });

  it('say what is in the environment, and how it ends', () => {
    expect(readOptions(['--help'])).toBeUndefined();
    expect(USAGE).toMatch(/REPLAY_EMAIL[^]*REPLAY_PASSWORD[^]*Exit code/);
  });

  it.each([{}, { REPLAY_EMAIL: 'admin@shop.example' }, { REPLAY_PASSWORD: 'open sesame' }])(
    'name the environment that is needed where it is %j',
    (env) => {
      expect(() => readCredentials(env)).toThrow('Set REPLAY_EMAIL and REPLAY_PASSWORD');
    },
  );
});
