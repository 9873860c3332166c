import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, In, IsNull, MoreThan, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { Mailer } from '../common/mail/mailer.js';
import { Clock } from '../common/time/clock.js';
import { type LinkPurpose, OneTimeToken } from './entities/one-time-token.entity.js';
import { linkMail, type Occasion } from './link-mail.js';

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
 * One-time links: whoever presents the token has read a mail to the user. A token has 256 bits, is stored as a hash, works
 * once, and stops working when a newer one of its purpose is made or the password changes (ASVS 6.5.1).
 */
@Injectable()
export class LinksService {
  constructor(
    @InjectRepository(OneTimeToken) private readonly tokens: Repository<OneTimeToken>,
    private readonly transactions: Transactions,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Mails the user a link, once the open transaction has committed; it takes the place of the one before of that purpose.
   * @param occasion why it comes, where that is not what the purpose says.
   */
  async send(user: { id: string; email: string }, purpose: LinkPurpose, occasion: Occasion = purpose): Promise<void> {
    const token = await this.issue(user.id, purpose);
    const mail = linkMail({ to: user.email, occasion, token, publicUrl: this.config.publicUrl });
    this.transactions.afterCommit(() => {
      this.mailer.send(mail);
    });
  }

  /** Whose token this is, if it works for one of the purposes; it still works afterwards. */
  async holderOf(token: string, purposes: readonly LinkPurpose[]): Promise<string | undefined> {
    const found = await this.tokens.findOne({ select: { userId: true }, where: this.working(token, purposes) });
    return found?.userId;
  }

  /** Uses the token up. @returns whose it is; undefined if it does not work (any more): of many at once, one succeeds. */
  async redeem(token: string, purposes: readonly LinkPurpose[]): Promise<string | undefined> {
    const userId = await this.holderOf(token, purposes);
    const { affected } = await this.tokens.update(this.working(token, purposes), { usedAt: this.clock.now() });
    return affected === 1 ? userId : undefined;
  }

  /** Stops every link that was mailed to the user. */
  async revokeAll(userId: string): Promise<void> {
    await this.tokens.delete({ userId });
  }

  private async issue(userId: string, purpose: LinkPurpose): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.tokens.upsert(
      {
        id: uuidv7(),
        userId,
        purpose,
        tokenHash: hashOf(token),
        expiresAt: this.clock.in(LINK_LIFETIME[purpose]),
        usedAt: null,
      },
      ['userId', 'purpose'],
    );
    return token;
  }

  private working(token: string, purposes: readonly LinkPurpose[]): FindOptionsWhere<OneTimeToken> {
    return {
      tokenHash: hashOf(token),
      purpose: In(purposes),
      usedAt: IsNull(),
      expiresAt: MoreThan(this.clock.now()),
    };
  }
}
