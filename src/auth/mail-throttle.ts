import { Injectable } from '@nestjs/common';
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { Counters } from '../common/http/counters.js';
import { networkOf } from '../common/http/network.js';
import { Secrets } from '../common/security/secrets.js';
import { normalizeEmail } from '../users/accounts.service.js';
import { tooMany } from './login-throttle.js';

/** How many mails may be caused by people who aren't signed in, an hour. */
export class MailPolicy {
  /** To one e-mail. */
  readonly perEmail = 10;
  /** From one network. */
  readonly perNetwork = 200;
}

const HOUR = 3600;

/** Keeps strangers from filling a mailbox, or many of them. E-mails are counted under pseudonyms. */
@Injectable()
export class MailThrottle {
  private readonly emails: RateLimiterAbstract;
  private readonly networks: RateLimiterAbstract;

  constructor(
    policy: MailPolicy,
    private readonly secrets: Secrets,
    counters: Counters,
  ) {
    this.emails = counters.make('mail:emails', { points: policy.perEmail, duration: HOUR });
    this.networks = counters.make('mail:networks', { points: policy.perNetwork, duration: HOUR });
  }

  /** Counts a request for a mail, whether or not there is an account to send it to. @throws Problem 429. */
  async admit(email: string, address: string): Promise<void> {
    try {
      await this.networks.consume(networkOf(address));
      await this.emails.consume(this.secrets.pseudonym('mail-throttle', normalizeEmail(email)));
    } catch (refused) {
      throw refused instanceof RateLimiterRes ? tooMany(refused) : refused;
    }
  }
}
