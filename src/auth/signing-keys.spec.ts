import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Config } from '../common/config/config.js';
import { Secrets } from '../common/security/secrets.js';
import { signingKey, SigningKeys } from './signing-keys.js';

const keysOf = (...secrets: string[]): SigningKeys =>
  new SigningKeys(new Secrets(Object.assign(new Config(), { secrets })));

describe('signing keys', () => {
  it('are the same in every process that has the same secret', () => {
    expect(keysOf('one secret').present.jwk).toEqual(keysOf('one secret').present.jwk);
    expect(keysOf('one secret').present.jwk).not.toEqual(keysOf('another secret').present.jwk);
  });

  it('are found by their kid while their secret is there', () => {
    const former = keysOf('former').present.jwk;

    expect(keysOf('next', 'former').find(former.kid)?.jwk).toEqual(former);
    expect(keysOf('next').find(former.kid)).toBeUndefined();
    expect(keysOf('next').find(undefined)).toBeUndefined();
  });

  it('sign with the first and publish all', () => {
    const keys = keysOf('next', 'former');

    expect(keys.present.jwk).toEqual(keysOf('next').present.jwk);
    expect(keys.published).toEqual([keysOf('next').present.jwk, keysOf('former').present.jwk]);
  });

  it('publish nothing private (RFC 7517 §9.2)', () => {
    const [jwk] = keysOf('one secret').published;

    expect(Object.keys(jwk ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it.each([Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.from('a key of thirty-two bytes, no more'.slice(0, 32))])(
    'are pairs on P-256, of any secret bytes: %#',
    (secret) => {
      const { jwk, privateKey, publicKey } = signingKey(secret);
      const signature = sign('sha256', Buffer.from('text'), privateKey);

      expect(verify('sha256', Buffer.from('text'), publicKey, signature)).toBe(true);
      expect(createPublicKey(privateKey).export({ format: 'jwk' })).toMatchObject({ crv: 'P-256', x: jwk.x, y: jwk.y });
    },
  );
});
