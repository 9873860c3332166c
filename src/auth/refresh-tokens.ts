import { createHash, createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { parse as parseUuid } from 'uuid';
import { Secrets } from '../common/security/secrets.js';

/** How long a used refresh token is still answered, in seconds: a client's own race, or an answer that got lost. */
export const REUSE_GRACE = 10;

/** What is inside of a refresh token: its session, and 256 bits that nobody can guess. */
export interface RefreshToken {
  sessionId: string;
  value: Buffer;
}

/** A refresh token as a client presents it. Nothing of it is known to be true yet. */
export interface PresentedToken extends RefreshToken {
  /** What proves that the server issued it; undefined of a token of version 0.1.0, which is sealed and proven so. */
  proof?: Buffer;
}

/** What is kept of a session's tokens. */
export interface KeptToken {
  /** SHA-256 of the token that is good now. */
  refreshHash: Buffer;
  /** When it took the place of the one before. */
  rotatedAt: Date;
  /** The session's own secret, from which the proofs of its tokens are made. */
  tokenKey: Buffer;
}

/** In bytes, one after the other. */
const [SESSION_ID, VALUE, PROOF] = [16, 32, 32];

/**
 * Refresh tokens (RFC 9700 §4.14.2): opaque, 256 bits, stored as hashes, new at each use.
 *
 * - The first of a session is random; each next one follows from the one before by a key made of `SECRETS`. So a client that sends
 *   the same token twice within the grace is answered with the same successor: a race leaves one family and no branch.
 * - Each carries a proof made by a key that is stored with its session. So any token of a session that was ever issued is
 *   recognized when it is used again, and an invented one is not, even if the session's id is known. Nothing of this
 *   depends on `SECRETS`: they can be replaced while sessions go on.
 */
@Injectable()
export class RefreshTokens {
  constructor(private readonly secrets: Secrets) {}

  /** The first token of a session. */
  first(sessionId: string): RefreshToken {
    return { sessionId, value: randomBytes(VALUE) };
  }

  /** The token that takes the place of a used one. */
  next({ sessionId, value }: RefreshToken): RefreshToken {
    const [key] = this.secrets.keys('refresh-token-chain');
    if (!key) throw new Error('SECRETS is empty');
    return { sessionId, value: successor(key, value) };
  }

  /** What is stored of a token. */
  hash({ value }: RefreshToken): Buffer {
    return createHash('sha256').update(value).digest();
  }

  /** A token as the client gets it. */
  encode({ sessionId, value }: RefreshToken, tokenKey: Buffer): string {
    return Buffer.concat([parseUuid(sessionId), value, proofOf(tokenKey, value)]).toString('base64url');
  }

  /** What {@link encode} made, or undefined for what has another form. */
  decode(text: string): PresentedToken | undefined {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.toString('base64url') !== text) return undefined;
    if (bytes.length !== SESSION_ID + VALUE + PROOF) return this.unseal(text);
    const value = bytes.subarray(SESSION_ID, SESSION_ID + VALUE);
    const id = bytes.toString('hex', 0, SESSION_ID);
    const sessionId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { sessionId, value, proof: bytes.subarray(SESSION_ID + VALUE) };
  }

  /** Whether the server issued the token in the session with that key, now or long ago. */
  isGenuine({ value, proof }: PresentedToken, { tokenKey }: Pick<KeptToken, 'tokenKey'>): boolean {
    return proof === undefined || timingSafeEqual(proof, proofOf(tokenKey, value));
  }

  /**
   * Judges a token that is not the good one: used just now, or long ago.
   * @returns the successor it was answered with, when it is to be answered again; undefined when it was stolen, or its client has
   * lost count.
   */
  findSuccessor(used: RefreshToken, { refreshHash, rotatedAt }: KeptToken, now: Date): RefreshToken | undefined {
    if (now.getTime() - rotatedAt.getTime() > REUSE_GRACE * 1000) return undefined;
    return this.secrets
      .keys('refresh-token-chain')
      .map((key) => ({ sessionId: used.sessionId, value: successor(key, used.value) }))
      .find((token) => this.hash(token).equals(refreshHash));
  }

  /** A token as version 0.1.0 issued it. The last one runs out 30 days after the upgrade. */
  private unseal(text: string): PresentedToken | undefined {
    const [sessionId, value] = this.secrets.open('refresh-token', text)?.split('.') ?? [];
    return sessionId && value ? { sessionId, value: Buffer.from(value, 'base64url') } : undefined;
  }
}

const successor = (key: KeyObject, value: Buffer): Buffer => createHmac('sha256', key).update(value).digest();

const proofOf = (tokenKey: Buffer, value: Buffer): Buffer => createHmac('sha256', tokenKey).update(value).digest();
