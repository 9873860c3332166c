import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Secrets } from '../common/security/secrets.js';

/** How long a used refresh token is still answered, in seconds: a client's own race, or an answer that got lost. */
export const REUSE_GRACE = 10;

/** What is inside of a refresh token: its session, and 256 bits that nobody can guess. */
export interface RefreshToken {
  sessionId: string;
  value: Buffer;
}

/**
 * Refresh tokens (RFC 9700 §4.14.2): opaque, 256 bits, kept as hashes, new at each use. The first of a session is random,
 * each next one follows from the one before by a key that never leaves the server. So whoever sends the same token twice
 * within the grace is answered with the same successor: a race leaves one family and no dangling branch, and nothing but
 * one hash has to be kept. They are sealed with their session inside: any token of a family that was ever given out is
 * known again, however long ago it was used, and one that was made up is not.
 */
@Injectable()
export class RefreshTokens {
  constructor(private readonly secrets: Secrets) {}

  /** The first token of a session. */
  first(sessionId: string): RefreshToken {
    return { sessionId, value: randomBytes(32) };
  }

  /** The token that takes the place of a used one. */
  next({ sessionId, value }: RefreshToken): RefreshToken {
    const [key] = this.secrets.keys('refresh-token-chain');
    if (!key) throw new Error('SECRETS is empty');
    return { sessionId, value: successor(key, value) };
  }

  /** What is kept of a token. */
  hash({ value }: RefreshToken): Buffer {
    return createHash('sha256').update(value).digest();
  }

  /** A token as the client gets it. */
  seal({ sessionId, value }: RefreshToken): string {
    return this.secrets.seal('refresh-token', `${sessionId}.${value.toString('base64url')}`);
  }

  /** What {@link seal} made, or undefined for anything else. */
  open(sealed: string): RefreshToken | undefined {
    const [sessionId, value] = this.secrets.open('refresh-token', sealed)?.split('.') ?? [];
    return sessionId && value ? { sessionId, value: Buffer.from(value, 'base64url') } : undefined;
  }

  /**
   * Judges a token that is not the good one: used just now, or long ago.
   * @returns the successor it was answered with, when it is to be answered again; undefined when it was stolen, or its client has
   * lost count.
   */
  repeated(used: RefreshToken, present: { refreshHash: Buffer; rotatedAt: Date }, now: Date): RefreshToken | undefined {
    if (now.getTime() - present.rotatedAt.getTime() > REUSE_GRACE * 1000) return undefined;
    return this.secrets
      .keys('refresh-token-chain')
      .map((key) => ({ sessionId: used.sessionId, value: successor(key, used.value) }))
      .find((token) => this.hash(token).equals(present.refreshHash));
  }
}

const successor = (key: KeyObject, value: Buffer): Buffer => createHmac('sha256', key).update(value).digest();
