import { describe, expect, it } from '@jest/globals';
import { Config } from '../common/config/config.js';
import { Secrets } from '../common/security/secrets.js';
import { RefreshTokens, REUSE_GRACE } from './refresh-tokens.js';

const SESSION = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const NOON = new Date('2026-11-20T12:00:00Z');
const after = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000);
const tokensUnder = (...secrets: string[]): RefreshTokens =>
  new RefreshTokens(new Secrets(Object.assign(new Config(), { secrets })));

describe('refresh tokens', () => {
  const tokens = tokensUnder('a secret');
  const first = tokens.first(SESSION);
  const second = tokens.next(first);
  const third = tokens.next(second);
  /** The session, in which `token` is the good one since noon. */
  const session = (token: typeof first): { refreshHash: Buffer; rotatedAt: Date } => ({
    refreshHash: tokens.hash(token),
    rotatedAt: NOON,
  });

  it('have 256 bits that nobody can guess', () => {
    expect(first.value).toHaveLength(32);
    expect(second.value).toHaveLength(32);
    expect(tokens.first(SESSION).value).not.toEqual(first.value);
  });

  it('are sealed, and opened to what they were', () => {
    expect(tokens.open(tokens.seal(first))).toEqual(first);
    expect(tokens.seal(first)).not.toContain(SESSION);
  });

  it('are not opened when made up or changed', () => {
    const sealed = tokens.seal(first);

    expect(tokens.open('made-up')).toBeUndefined();
    expect(tokens.open(`${sealed.slice(0, -4)}AAAA`)).toBeUndefined();
    expect(tokensUnder('another secret').open(sealed)).toBeUndefined();
  });

  it('are answered with the same successor when they come again at once', () => {
    expect(tokens.repeated(first, session(second), after(0))).toEqual(second);
    expect(tokens.repeated(first, session(second), after(REUSE_GRACE))).toEqual(second);
  });

  it('are not answered when they come again later', () => {
    expect(tokens.repeated(first, session(second), after(REUSE_GRACE + 0.001))).toBeUndefined();
  });

  it('are not answered when their successor was used too', () => {
    expect(tokens.repeated(first, session(third), after(1))).toBeUndefined();
  });

  it('are known under a former secret, by processes that have it still', () => {
    expect(tokensUnder('next secret', 'a secret').repeated(first, session(second), after(1))).toEqual(second);
    expect(tokensUnder('next secret').repeated(first, session(second), after(1))).toBeUndefined();
  });
});
