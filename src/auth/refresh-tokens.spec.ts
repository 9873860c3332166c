import { describe, expect, it } from '@jest/globals';
import { Config } from '../common/config/config.js';
import { Secrets } from '../common/security/secrets.js';
import { type KeptToken, type RefreshToken, RefreshTokens, REUSE_GRACE } from './refresh-tokens.js';

const SESSION = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const NOON = new Date('2026-11-20T12:00:00Z');
const after = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000);
const secretsOf = (...secrets: string[]): Secrets => new Secrets(Object.assign(new Config(), { secrets }));
const tokensUnder = (...secrets: string[]): RefreshTokens => new RefreshTokens(secretsOf(...secrets));

describe('refresh tokens', () => {
  const tokens = tokensUnder('a secret');
  const tokenKey = Buffer.alloc(32, 7);
  const first = tokens.first(SESSION);
  const second = tokens.next(first);
  const third = tokens.next(second);
  /** The session, in which `token` is the good one since noon. */
  const session = (token: RefreshToken): KeptToken => ({ refreshHash: tokens.hash(token), rotatedAt: NOON, tokenKey });
  const isGenuine = (text: string, key = tokenKey): boolean => {
    const presented = tokens.decode(text);
    return presented !== undefined && tokens.isGenuine(presented, { tokenKey: key });
  };

  it('have 256 bits that nobody can guess', () => {
    expect(first.value).toHaveLength(32);
    expect(second.value).toHaveLength(32);
    expect(tokens.first(SESSION).value).not.toEqual(first.value);
  });

  it('are read as what they were, under other secrets too', () => {
    const text = tokens.encode(first, tokenKey);

    expect(tokensUnder('another secret').decode(text)).toMatchObject(first);
    expect(isGenuine(text)).toBe(true);
    expect(isGenuine(tokens.encode(third, tokenKey))).toBe(true);
  });

  it('are not genuine when somebody made them up who knows the session’s id', () => {
    const madeUp = Buffer.concat([
      Buffer.from(SESSION.replaceAll('-', ''), 'hex'),
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
    ]).toString('base64url');

    expect(tokens.decode(madeUp)?.sessionId).toBe(SESSION);
    expect(isGenuine(madeUp)).toBe(false);
    expect(isGenuine(tokens.encode(first, tokenKey), Buffer.alloc(32, 8))).toBe(false);
  });

  it.each(['made-up', '', 'x'.repeat(107), `${tokens.encode(first, tokenKey)}A`, `${tokens.encode(first, tokenKey)}=`])(
    'are not read of %j',
    (text) => {
      expect(tokens.decode(text)).toBeUndefined();
    },
  );

  it('of version 0.1.0 are still read, as long as their secret is there', () => {
    const sealed = secretsOf('a secret').seal('refresh-token', `${SESSION}.${first.value.toString('base64url')}`);

    expect(tokens.decode(sealed)).toEqual(first);
    expect(isGenuine(sealed)).toBe(true);
    expect(isGenuine(`${sealed.slice(0, -4)}AAAA`)).toBe(false);
    expect(tokensUnder('another secret').decode(sealed)).toBeUndefined();
  });

  it('are answered with the same successor when they come again at once', () => {
    expect(tokens.findSuccessor(first, session(second), after(0))).toEqual(second);
    expect(tokens.findSuccessor(first, session(second), after(REUSE_GRACE))).toEqual(second);
  });

  it('are not answered when they come again later', () => {
    expect(tokens.findSuccessor(first, session(second), after(REUSE_GRACE + 0.001))).toBeUndefined();
  });

  it('are not answered when their successor was used too', () => {
    expect(tokens.findSuccessor(first, session(third), after(1))).toBeUndefined();
  });

  it('are answered again under a former secret, by processes that have it still', () => {
    expect(tokensUnder('next secret', 'a secret').findSuccessor(first, session(second), after(1))).toEqual(second);
    expect(tokensUnder('next secret').findSuccessor(first, session(second), after(1))).toBeUndefined();
  });
});
