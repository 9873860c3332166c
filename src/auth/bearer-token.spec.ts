import { describe, expect, it } from '@jest/globals';
import { cpuTimeOf } from '../../test/support/cpu-time.js';
import { bearerTokenOf, MAX_TOKEN_LENGTH } from './bearer-token.js';

describe('the access token of a request', () => {
  it.each([
    ['Bearer a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
    ['bearer token', 'token'],
    ['BEARER   token', 'token'],
    [`Bearer ${'a'.repeat(MAX_TOKEN_LENGTH)}`, 'a'.repeat(MAX_TOKEN_LENGTH)],
  ])('is read (RFC 6750 §2.1)', (header, token) => {
    expect(bearerTokenOf(header)).toBe(token);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearertoken', 'a'.repeat(15_900), ' Bearer token'])(
    'is in no other credentials',
    (header) => {
      expect(bearerTokenOf(header)).toBeUndefined();
    },
  );

  it.each(['Bearer a b', 'Bearer a=b', 'Bearer "a"', 'Bearer ä', `Bearer ${'a'.repeat(MAX_TOKEN_LENGTH + 1)}`])(
    'is not what can be none',
    (header) => {
      expect(bearerTokenOf(header)).toBeNull();
    },
  );

  it.each([
    ['letters', 'a'.repeat(100_000)],
    ['spaces', `Bearer${' '.repeat(100_000)}`],
    ['a token', `Bearer ${'a'.repeat(100_000)}`],
    ['a token that ends wrong', `Bearer ${'a'.repeat(4000)}!`],
    ['padding', `Bearer a${'='.repeat(4000)}!`],
  ])('is looked for in little time in any header: %s', async (_, header) => {
    const spent = await cpuTimeOf(() => {
      for (let times = 0; times < 100; times += 1) bearerTokenOf(header);
    }, 500);

    expect(spent).toBeLessThan(500);
  });
});
