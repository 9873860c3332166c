import { describe, expect, it } from '@jest/globals';
import { Config } from '../config/config.js';
import { createLogger, NestLogger } from './logger.js';

/** What the logger writes while `log` is done, a line each. */
function logged(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  log(createLogger(new Config(), { write }));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('is a JSON object a line, with a level and a time', () => {
    expect(
      logged((logger) => {
        logger.info({ requestId: 'r-1' }, 'request');
      }),
    ).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), requestId: 'r-1', msg: 'request' }]);
  });

  it('keeps an entry on its line, whatever is in it (ASVS 16.4.1)', () => {
    expect(
      logged((logger) => {
        logger.info({ path: 'a\r\n{"level":"fatal"}' }, 'b\nc');
      }),
    ).toHaveLength(1);
  });

  it.each(['password', 'newPassword', 'token', 'refreshToken', 'authorization', 'cookie'])(
    'never has a %s, at the top or below (ASVS 16.2.5)',
    (key) => {
      const entries = logged((logger) => {
        logger.info({ [key]: 'hush-1', body: { [key]: 'hush-2' } });
      });

      expect(JSON.stringify(entries)).not.toContain('hush');
    },
  );

  it.each([
    ['a JSON Web Token', 'got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl from'],
    ['a bearer credential', 'Authorization: Bearer c2VjcmV0LXRva2VuLXZhbHVl'],
    ['a card number', 'paid with 4242 4242 4242 4242 today'],
  ])('never has %s, wherever it stands', (_, text) => {
    const [entry] = logged((logger) => {
      logger.warn(text);
    });

    expect(entry?.msg).toContain('[redacted]');
    expect(entry?.msg).not.toMatch(/eyJ|c2VjcmV0|4242/);
  });

  it('says where Nest’s own lines come from', () => {
    expect(
      logged((logger) => {
        new NestLogger(logger).warn('slow', 'Router');
      }),
    ).toMatchObject([{ level: 'warn', context: 'Router', msg: 'slow' }]);
  });

  it('takes an object that Nest hands over as members of the entry', () => {
    expect(
      logged((logger) => {
        new NestLogger(logger).log({ event: 'authn_login_fail' }, 'Security');
      }),
    ).toMatchObject([{ event: 'authn_login_fail', context: 'Security' }]);
  });
});
