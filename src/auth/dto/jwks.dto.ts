import { ArrayMaxSize, MaxLength } from 'class-validator';

/** A public key: RFC 7517. */
export class JwkDto {
  /** @example EC */
  @MaxLength(64)
  kty: string;

  /** @example P-256 */
  @MaxLength(64)
  crv: string;

  /** @example f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU */
  @MaxLength(64)
  x: string;

  /** @example x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0 */
  @MaxLength(64)
  y: string;

  /** @example ES256 */
  @MaxLength(64)
  alg: string;

  /** @example sig */
  @MaxLength(64)
  use: string;

  /** @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs */
  @MaxLength(64)
  kid: string;
}

/** The keys that access tokens are signed with. */
export class JwksDto {
  @ArrayMaxSize(100)
  keys: JwkDto[];
}
