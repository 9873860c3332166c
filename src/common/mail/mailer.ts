import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import { Config } from '../config/config.js';
import { Clock } from '../time/clock.js';

/** A plain-text mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** How many mails are delivered at once, and how many wait in memory at most. */
const CONCURRENCY = 5;
const MAX_WAITING = 1000;
/** Attempts after the first one, and the pause before the first of them in milliseconds; each pause is three times the last. */
const RETRIES = 2;
const FIRST_PAUSE = 1000;
/** How long a server may take to connect, to greet, and to answer, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * Sends mail. Features ask for this; which one it is, configuration decides. Mails wait in memory: those of a process that is
 * stopped are sent first, those of a process that is killed are lost.
 */
export abstract class Mailer implements OnApplicationShutdown {
  private readonly logger = new Logger('Mailer');
  private readonly queue = new PQueue({ concurrency: CONCURRENCY });
  private stopping = false;

  /** Takes the mail without making the request wait. A failure is tried again, then logged; so is a mail too many. */
  send(mail: Mail): void {
    if (this.queue.size >= MAX_WAITING) {
      this.logger.error({ subject: mail.subject }, 'A mail was dropped: too many are waiting for the mail server.');
      return;
    }
    void this.queue.add(() => this.deliverWithRetries(mail));
  }

  /** Resolves when every mail that was taken has been sent, or given up. */
  async idle(): Promise<void> {
    await this.queue.onIdle();
  }

  /** Sends what waits; what fails now is not tried again. Requests in flight have finished, so nothing follows. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.idle();
  }

  /** Delivers one mail now, or throws: for a person who waits to hear of it. Requests use {@link send}. */
  abstract deliver(mail: Mail): Promise<void>;

  private async deliverWithRetries(mail: Mail): Promise<void> {
    try {
      await pRetry(() => this.deliver(mail), {
        retries: RETRIES,
        minTimeout: FIRST_PAUSE,
        factor: 3,
        shouldRetry: () => !this.stopping,
      });
    } catch (error) {
      this.logger.error({ err: error, subject: mail.subject }, 'A mail could not be sent.');
    }
  }
}

/** Through an SMTP server, by nodemailer. */
@Injectable()
export class SmtpMailer extends Mailer {
  private readonly transport: Transporter;

  constructor(private readonly config: Config) {
    super();
    this.transport = createTransport({ url: config.smtpUrl, ...TIMEOUTS });
  }

  override async onApplicationShutdown(): Promise<void> {
    await super.onApplicationShutdown();
    this.transport.close();
  }

  async deliver({ to, subject, text }: Mail): Promise<void> {
    // As an object the address is not parsed: in a text, quotes, commas and brackets would mean something.
    await this.transport.sendMail({ from: this.config.mailFrom, to: { name: '', address: to }, subject, text });
  }
}

/** Keeps the latest mails in memory, for `/dev/mailbox` and for tests: nothing leaves the machine. */
@Injectable()
export class Mailbox extends Mailer {
  private static readonly CAPACITY = 200;
  private readonly kept: (Mail & { sentAt: Date })[] = [];

  constructor(private readonly clock: Clock) {
    super();
  }

  /** The mails kept, the latest first. */
  get mails(): readonly (Mail & { sentAt: Date })[] {
    return this.kept;
  }

  deliver(mail: Mail): Promise<void> {
    this.kept.unshift({ ...mail, sentAt: this.clock.now() });
    this.kept.length = Math.min(this.kept.length, Mailbox.CAPACITY);
    return Promise.resolve();
  }
}
