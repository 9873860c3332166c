import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { headerOf } from './access-tokens.js';
import { SigningKeys } from './signing-keys.js';

/**
 * Signs what others keep and compare later, as a compact JWS (RFC 7515) with a key that `/.well-known/jwks.json` publishes. Each
 * purpose has a type of its own (RFC 8725 §3.11), so that a signature is taken for nothing else, least of all for an access token.
 */
@Injectable()
export class SignaturesService {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
  ) {}

  /** @param claims with the time of the signature as `iat`. */
  sign(type: string, claims: { iat: number } & Record<string, unknown>): string {
    const { privateKey, jwk } = this.keys.present;
    return this.jwt.sign(claims, { privateKey, algorithm: 'ES256', header: { alg: 'ES256', typ: type, kid: jwk.kid } });
  }

  /** What was signed for this purpose; undefined when it was not, or by a key whose secret is no longer in `SECRETS`. */
  verify(type: string, signature: string): Record<string, unknown> | undefined {
    const header = headerOf(signature);
    const key = header?.typ === type ? this.keys.find(header.kid) : undefined;
    if (!key) return undefined;
    try {
      return this.jwt.verify<Record<string, unknown>>(signature, { publicKey: key.publicKey, algorithms: ['ES256'] });
    } catch {
      return undefined;
    }
  }
}
