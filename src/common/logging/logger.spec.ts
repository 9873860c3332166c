import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { Config } from '../config/config.js';
import { runInRequest } from '../context/request-context.js';
import { createLogger, NestLogger } from './logger.js';
import { textOf } from './readable-log.js';

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

  it('keeps an entry on its line, with any content (ASVS 16.4.1)', () => {
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
    ['deep', { a: { b: { c: { password: 'hush' } } } }],
    ['in a list', { body: { users: [{ passwordHash: 'hush' }] } }],
    ['written otherwise', { headers: { 'Set-Cookie': 'hush', 'X-API-Key': 'hush' }, refresh_token: 'hush' }],
  ])('never has a secret %s', (_, entry) => {
    const entries = logged((logger) => {
      logger.info(entry);
    });

    expect(JSON.stringify(entries)).toContain('[redacted]');
    expect(JSON.stringify(entries)).not.toContain('hush');
  });

  it('has of a failed statement what failed, and none of its values (ASVS 16.2.5)', () => {
    const cause = Object.assign(new Error('duplicate key value violates unique constraint "users_email_unique"'), {
      code: '23505',
      constraint: 'users_email_unique',
      table: 'users',
      detail: 'Key (email)=(ada@private.example) already exists.',
    });
    const error = new QueryFailedError(
      'INSERT INTO users VALUES ($1, $2)',
      ['ada@private.example', '$argon2id$x'],
      cause,
    );
    const entries = logged((logger) => {
      logger.error({ err: error, error }, 'a statement failed');
      new NestLogger(logger).error(error, 'Users');
      new NestLogger(logger).error({ err: new Error('outer', { cause: error }) }, 'it failed', 'Users');
    });

    expect(entries[0]?.err).toMatchObject({
      type: 'QueryFailedError',
      message: expect.stringContaining('users_email_unique'),
      stack: expect.any(String),
      code: '23505',
      constraint: 'users_email_unique',
      table: 'users',
    });
    expect(JSON.stringify(entries)).not.toMatch(/ada@private|argon2id/);
  });

  it('has no value that PostgreSQL quotes in a message about data', () => {
    const cause = Object.assign(new Error('invalid input syntax for type uuid: "ada@private.example"'), {
      code: '22P02',
    });
    const entries = logged((logger) => {
      logger.error({ err: new QueryFailedError('SELECT', [], cause) });
    });

    expect(JSON.stringify(entries)).toContain('invalid input syntax');
    expect(JSON.stringify(entries)).not.toContain('ada@private');
  });

  it('keeps the text beside an object, and the stack beside a text', () => {
    expect(
      logged((logger) => {
        const nest = new Logger('Mailer');
        Logger.overrideLogger(new NestLogger(logger));
        nest.error({ err: new Error('refused') }, 'a mail could not be sent');
        nest.warn({ event: 'x' });
        nest.error('it failed', 'Error: it failed\n  at here');
        Logger.overrideLogger(false);
      }),
    ).toEqual([
      expect.objectContaining({ context: 'Mailer', msg: 'a mail could not be sent', err: expect.anything() }),
      expect.objectContaining({ context: 'Mailer', event: 'x' }),
      expect.objectContaining({ context: 'Mailer', msg: 'it failed', stack: 'Error: it failed\n  at here' }),
    ]);
  });

  it('says which request a line belongs to, wherever it is written', async () => {
    const lines = await new Promise<Record<string, unknown>[]>((resolve) => {
      runInRequest({ requestId: 'r-9' }, () => {
        void Promise.resolve().then(() => {
          resolve(
            logged((logger) => {
              logger.warn({ event: 'authz_fail' });
              logger.warn({ requestId: 'own' });
            }),
          );
        });
      });
    });

    expect(lines.map(({ requestId }) => requestId)).toEqual(['r-9', 'own']);
  });

  it('is a line of text for a person, one for each request', () => {
    const request = { level: 'info', time: '2026-01-31T12:34:56.789Z', method: 'GET', route: '/livez', status: 200 };
    const lines = [
      { ...request, milliseconds: 1.5, requestId: 'r', msg: 'request' },
      { level: 'info', time: request.time, context: 'Import', rows: 3, msg: 'done' },
      { level: 'info', time: request.time, err: { stack: 'Error: x\n    at y' }, msg: 'failed' },
    ].map((entry) => textOf(JSON.stringify(entry)));

    expect(lines[0]).toBe('12:34:56 GET /livez 200 1.5 ms');
    expect(lines[1]).toBe('12:34:56 info [Import] done rows=3');
    expect(lines[2]).toBe('12:34:56 info failed\nError: x\n    at y');
  });

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
