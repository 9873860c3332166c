import { Injectable } from '@nestjs/common';
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { Counters } from '../common/http/limits/counters.js';
import { networkOf } from '../common/http/syntax/network.js';
import { mailboxOf } from '../common/mail/email-address.js';
import { Secrets } from '../common/security/secrets.js';
import { tooMany } from './login-throttle.js';

/** How many mails may be caused by people who aren't signed in, an hour. */
export class MailPolicy {
  /** From one network to one mailbox. */
  readonly perNetworkAndMailbox = 10;
  /** From one network. */
  readonly perNetwork = 200;
  /** To one mailbox from all networks that its owner was never seen in. */
  readonly perMailbox = 20;
}

const HOUR = 3600;

/**
 * Keeps strangers from filling a mailbox, or many of them, and from keeping its owner from asking for a mail. Mailboxes are
 * counted under pseudonyms; addresses that differ by a `+tag` are one mailbox.
 */
@Injectable()
export class MailThrottle {
  private readonly pairs: RateLimiterAbstract;
  private readonly networks: RateLimiterAbstract;
  private readonly mailboxes: RateLimiterAbstract;

  constructor(
    private readonly policy: MailPolicy,
    private readonly secrets: Secrets,
    counters: Counters,
  ) {
    this.pairs = counters.make('mail:pairs', { points: policy.perNetworkAndMailbox, duration: HOUR });
    this.networks = counters.make('mail:networks', { points: policy.perNetwork, duration: HOUR });
    this.mailboxes = counters.make('mail:mailboxes', { points: policy.perMailbox, duration: HOUR });
  }

  /**
   * Counts a request for a mail, whether or not there is an account to send it to.
   * @returns whether a stranger may cause the mail. If not, the last one that was sent still works, and stays the last one: only
   * the owner, seen in this network before, gets another.
   * @throws AppError 429 when this network has asked too often, for this mailbox or for all.
   */
  async isAllowed(email: string, address: string): Promise<boolean> {
    const mailbox = this.secrets.pseudonym('mail-throttle', mailboxOf(email));
    const network = networkOf(address);
    try {
      await this.networks.consume(network);
      await this.pairs.consume(`${mailbox} ${network}`);
    } catch (refused) {
      throw refused instanceof RateLimiterRes ? tooMany(refused) : refused;
    }
    const { consumedPoints } = await this.mailboxes.penalty(mailbox);
    return consumedPoints <= this.policy.perMailbox;
  }
}
