import { createECDH, createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Secrets } from '../common/security/secrets.js';

/** A public key as it is published: RFC 7517, RFC 7518 §6.2. */
export interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  alg: 'ES256';
  use: 'sig';
  /** The key's thumbprint (RFC 7638), so that it is the same in every process. */
  kid: string;
}

export interface SigningKey {
  jwk: PublicJwk;
  privateKey: KeyObject;
  /** In PEM, which is how passport-jwt takes it. */
  publicKey: string;
}

/** The order of the group of P-256; FIPS 186-5 and SEC 2 §2.4.2. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The keys that access tokens are signed with (ES256), one for each of `SECRETS`: derived, so that every process has the
 * same ones and nothing has to be stored. The first signs; all are published and accepted, so that a secret is replaced
 * without logging anyone out.
 */
@Injectable()
export class SigningKeys {
  private readonly keys: readonly [SigningKey, ...SigningKey[]];

  constructor(secrets: Secrets) {
    const [present, ...former] = secrets.keys('jwt-signing').map((key) => signingKey(key.export()));
    if (!present) throw new Error('SECRETS is empty');
    this.keys = [present, ...former];
  }

  /** The key that signs. */
  get present(): SigningKey {
    return this.keys[0];
  }

  /** The key of that id, if it is one of ours. */
  find(kid: unknown): SigningKey | undefined {
    return this.keys.find((key) => key.jwk.kid === kid);
  }

  /** What `/.well-known/jwks.json` says. */
  get published(): PublicJwk[] {
    return this.keys.map(({ jwk }) => jwk);
  }
}

/** A key pair from 32 secret bytes. */
export function signingKey(secret: Buffer): SigningKey {
  // FIPS 186-5 §A.2.1: 128 bits more than the order has, so that no scalar is noticeably likelier than another
  const wide = Buffer.from(hkdfSync('sha256', secret, '', 'P-256 private key', 48)).toString('hex');
  const scalar = (BigInt(`0x${wide}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');

  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d);
  const point = curve.getPublicKey(); // 0x04, x, y: SEC 1 §2.3.3
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');

  const key = { kty: 'EC', crv: 'P-256', x, y } as const;
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: key.crv, kty: key.kty, x, y }))
    .digest('base64url');
  return {
    jwk: { ...key, alg: 'ES256', use: 'sig', kid },
    privateKey: createPrivateKey({ format: 'jwk', key: { ...key, d: d.toString('base64url') } }),
    publicKey: createPublicKey({ format: 'jwk', key }).export({ type: 'spki', format: 'pem' }).toString(),
  };
}
