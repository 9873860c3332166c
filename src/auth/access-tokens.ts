import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Config } from '../common/config/config.js';
import { Clock } from '../common/time/clock.js';
import { MAX_TOKEN_LENGTH } from './bearer-token.js';
import { type SigningKey, SigningKeys } from './signing-keys.js';

/** How long an access token works, in seconds. */
export const ACCESS_TOKEN_LIFETIME = 15 * 60;

/** Whom access tokens are for: this API. */
export const AUDIENCE = 'stockroom';

/** The media type of an access token; RFC 9068 §2.1. */
const TYPE = 'at+jwt';

/** Members of a header that bring a key along, or change how the token is read: RFC 8725 §3.10, RFC 7515 §4.1. */
const REFUSED_MEMBERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'zip'];

/** What an access token says: RFC 9068 §2.2, and the session it belongs to. */
export interface AccessTokenClaims {
  iss: string;
  aud: string;
  /** The user. */
  sub: string;
  /** The session. */
  sid: string;
  jti: string;
  iat: number;
  exp: number;
}

/** Makes access tokens (JWT, RFC 9068), and finds the key that one is to be checked with. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** A token for the user in that session. */
  mint(userId: string, sessionId: string): string {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const claims: AccessTokenClaims = {
      iss: this.config.publicUrl,
      aud: AUDIENCE,
      sub: userId,
      sid: sessionId,
      jti: randomUUID(),
      iat: now,
      exp: now + ACCESS_TOKEN_LIFETIME,
    };
    const { privateKey, jwk } = this.keys.present;
    return this.jwt.sign(claims, { privateKey, algorithm: 'ES256', header: { alg: 'ES256', typ: TYPE, kid: jwk.kid } });
  }

  /** The key that a token names in its header; undefined when that is no header of ours. Checks no signature. */
  keyOf(token: string): SigningKey | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const header = headerOf(token);
    if (header?.alg !== 'ES256' || header.typ !== TYPE) return undefined;
    if (REFUSED_MEMBERS.some((member) => member in header)) return undefined;
    return this.keys.find(header.kid);
  }

  /** Whether a token is still good at this moment. */
  inTime({ exp }: AccessTokenClaims): boolean {
    return typeof exp === 'number' && this.clock.now().getTime() < exp * 1000;
  }
}

/** The header of a compact JWS, unchecked; undefined when it is none. */
export function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
    return typeof header === 'object' && header !== null ? { ...header } : undefined;
  } catch {
    return undefined;
  }
}
