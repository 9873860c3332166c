import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { createSigner, createVerifier } from 'fast-jwt';
import { v7 as uuidv7 } from 'uuid';
import { query } from './bare.database.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const LIFETIME = 900;
const common = { iss: 'https://shop.example', aud: 'stockroom' };
const sign = createSigner({ key: privateKey, algorithm: 'ES256', expiresIn: LIFETIME * 1000, ...common });
const verifyToken = createVerifier({
  key: publicKey,
  algorithms: ['ES256'],
  allowedIss: common.iss,
  allowedAud: common.aud,
});

export interface Caller {
  userId: string;
  roles: string[];
}

/** Who has the token, if it is good and its session goes on. */
export async function callerOf(authorization = ''): Promise<Caller | undefined> {
  const claims = claimsOf(authorization.replace(/^Bearer /, ''));
  if (!claims) return undefined;
  const [found] = await query<{ roles: string[] }>(
    `SELECT u.roles FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL
       AND u.erased_at IS NULL`,
    [claims.sid, claims.sub],
  );
  return found && { userId: claims.sub, roles: found.roles };
}

function claimsOf(token: string): { sub: string; sid: string } | undefined {
  try {
    return verifyToken(token) as { sub: string; sid: string };
  } catch {
    return undefined;
  }
}

/** The tokens of a new session, if the password is right. */
export async function signIn(
  email: string,
  password: string,
  userAgent: string | null,
  address: string,
): Promise<object | undefined> {
  const [user] = await query<{ id: string; password_hash: string }>(
    'SELECT id, password_hash FROM users WHERE email = $1 AND disabled_at IS NULL AND email_verified_at IS NOT NULL',
    [email],
  );
  if (!user || !(await verify(user.password_hash, password))) return undefined;
  const sid = uuidv7();
  const refreshToken = randomBytes(32);
  await query(
    `INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, user_agent, address, created_at, last_seen_at, expires_at)
     VALUES ($1, $2, $3, now(), $4, $5, now(), now(), now() + interval '30 days')`,
    [sid, user.id, createHash('sha256').update(refreshToken).digest(), userAgent, address],
  );
  return {
    accessToken: sign({ sub: user.id, sid }),
    tokenType: 'Bearer',
    expiresIn: LIFETIME,
    refreshToken: refreshToken.toString('base64url'),
  };
}
