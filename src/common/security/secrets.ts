import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/**
 * Keys for one purpose each, derived from `SECRETS` (HKDF, RFC 5869), so that no key serves two ends. The first secret
 * makes, every one of them is accepted.
 */
@Injectable()
export class Secrets {
  private readonly derived = new Map<string, KeyObject[]>();

  constructor(private readonly config: Config) {}

  /** Keys of 32 bytes for `purpose`, the present one first: as objects, since from bytes one would be made each time. */
  keys(purpose: string): readonly KeyObject[] {
    let keys = this.derived.get(purpose);
    if (!keys) {
      keys = this.config.secrets.map((secret) =>
        createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'stockroom', purpose, 32))),
      );
      this.derived.set(purpose, keys);
    }
    return keys;
  }

  /** The keyed hash of `text` under the present key, in base64url: what stands for an e-mail or address in a log. */
  pseudonym(purpose: string, text: string): string {
    return createHmac('sha256', this.presentKey(purpose)).update(text).digest('base64url').slice(0, 22);
  }

  /** Encrypts and authenticates `text` (AES-256-GCM), in base64url. */
  seal(purpose: string, text: string, nonce: Buffer = randomBytes(12)): string {
    const cipher = createCipheriv('aes-256-gcm', this.presentKey(purpose), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** As {@link seal}, but the same each time for the same text: its nonce is made of it (as in RFC 8452). */
  sealDeterministic(purpose: string, text: string): string {
    const nonce = createHmac('sha256', this.presentKey(`${purpose} nonce`))
      .update(text)
      .digest()
      .subarray(0, 12);
    return this.seal(purpose, text, nonce);
  }

  /** What {@link seal} was given, or undefined when `sealed` was not made under any of the secrets. */
  open(purpose: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < 28 || bytes.toString('base64url') !== sealed) return undefined;
    for (const key of this.keys(purpose)) {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      try {
        return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        continue;
      }
    }
    return undefined;
  }

  private presentKey(purpose: string): KeyObject {
    const [key] = this.keys(purpose);
    if (!key) throw new Error('SECRETS is empty');
    return key;
  }
}
