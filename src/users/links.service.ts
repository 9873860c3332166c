import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Retention } from '../common/background/retention.js';
import { Config } from '../common/config/config.js';
import { Mailer } from '../common/mail/mailer.js';
import { Clock } from '../common/time/clock.js';
import type { LinkPurpose } from './entities/one-time-token.entity.js';
import { linkMail, type Occasion } from './link-mail.js';
import { LinksRepository } from './links.repository.js';

export type { LinkPurpose };

const HOUR = 3600;

/** How long a link works, in seconds; an invitation may wait in a mailbox for a week. */
const LINK_LIFETIME: Readonly<Record<LinkPurpose, number>> = {
  'verify-email': HOUR,
  'reset-password': HOUR,
  invite: 7 * 24 * HOUR,
};

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * One-time links: a client that sends the token has read a mail to the user. A token has 256 bits, is stored as a hash, works
 * once, and stops working when a newer one of its purpose is issued or the password changes (ASVS 6.5.1).
 *
 * In a transaction the user's row is locked before a link is issued or used up: see `AccountsService`.
 */
@Injectable()
export class LinksService implements OnModuleInit {
  constructor(
    private readonly links: LinksRepository,
    private readonly retention: Retention,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.retention.register({
      name: 'expired links',
      deleteBatch: (limit) => this.links.deleteExpired(this.clock.now(), limit),
    });
  }

  /**
   * Mails the user a link, once the open transaction has committed; it takes the place of the one before of that purpose.
   * @param occasion why it comes, where that is not what the purpose says.
   */
  async send(user: { id: string; email: string }, purpose: LinkPurpose, occasion: Occasion = purpose): Promise<void> {
    const token = await this.issue(user.id, purpose);
    const mail = linkMail({ to: user.email, occasion, token, pages: this.config });
    await this.mailer.send(mail);
  }

  /** Whose token this is, if it works for one of the purposes; it still works afterwards. */
  async holderOf(token: string, purposes: readonly LinkPurpose[]): Promise<string | undefined> {
    return this.links.findHolder(hashOf(token), purposes, this.clock.now());
  }

  /** Uses the token up. @returns whether it worked: of many at once, one succeeds. */
  async redeem(token: string, purposes: readonly LinkPurpose[]): Promise<boolean> {
    return this.links.markUsed(hashOf(token), purposes, this.clock.now());
  }

  /** Stops every link that was mailed to the user. */
  async revokeAll(userId: string): Promise<void> {
    await this.links.deleteOfUser(userId);
  }

  /** Issues a token and returns it. For callers that deliver it without a mail. */
  async issue(userId: string, purpose: LinkPurpose): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.links.upsert({
      id: uuidv7(),
      userId,
      purpose,
      tokenHash: hashOf(token),
      expiresAt: this.clock.in(LINK_LIFETIME[purpose]),
      usedAt: null,
    });
    return token;
  }
}
