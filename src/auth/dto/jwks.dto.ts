/** A public key: RFC 7517. */
export class JwkDto {
  /** @example EC */
  kty: string;

  /** @example P-256 */
  crv: string;

  /** @example f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU */
  x: string;

  /** @example x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0 */
  y: string;

  /** @example ES256 */
  alg: string;

  /** @example sig */
  use: string;

  /** @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs */
  kid: string;
}

/** The keys that access tokens are signed with. */
export class JwksDto {
  keys: JwkDto[];
}
