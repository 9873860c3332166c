import { Injectable, type OnModuleInit } from '@nestjs/common';
import { assertOutsideUnit } from '../database/transactions.js';
import { OtherSystemFailed } from '../errors/other-system-failed.js';
import { JobsService } from '../jobs/jobs.service.js';
import { Secrets } from '../security/secrets.js';
import { Clock } from '../time/clock.js';
import { SendMail } from './mail.job.js';

/** A mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same as HTML, where a template has its own; otherwise it is made of the text. */
  html?: string;
}

/** A mail was not delivered. What the mail server answered may quote the address: its code alone is kept with the job. */
class MailNotDelivered extends OtherSystemFailed {
  constructor(error: unknown) {
    super(`the mail was not delivered (${codeOf(error)})`, { cause: error });
  }
}

/** Delivers mail. Which one it is, configuration decides; features ask {@link Mailer}. */
export abstract class MailTransport {
  /**
   * Delivers one mail now, or throws.
   * @param id the same each time the mail is sent, so that a repetition is recognized.
   */
  abstract deliver(mail: Mail, id?: string): Promise<void>;
}

/** Sends mail. Features ask for this. */
@Injectable()
export class Mailer implements OnModuleInit {
  constructor(
    private readonly transport: MailTransport,
    private readonly jobs: JobsService,
    private readonly secrets: Secrets,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(SendMail, ({ sealed }, { id }) => this.sendSealed(sealed, id));
  }

  /**
   * Sends a mail once the open transaction has committed, and never when it is rolled back. It survives the end of the process, and a mail
   * server that is away for hours.
   */
  async send(mail: Mail): Promise<void> {
    await this.jobs.enqueue(SendMail, { sealed: this.secrets.seal(SendMail.name, JSON.stringify(mail)) });
  }

  /** Delivers one mail now, or throws: for a person who waits to hear of it. Requests use {@link send}. */
  async deliver(mail: Mail): Promise<void> {
    await this.transport.deliver(mail);
  }

  private async sendSealed(sealed: string, id: string): Promise<void> {
    const text = this.secrets.open(SendMail.name, sealed);
    if (text === undefined) throw new Error('none of SECRETS opens the mail: add the one that it was sealed with');
    try {
      await this.transport.deliver(JSON.parse(text) as Mail, id);
    } catch (error) {
      throw new MailNotDelivered(error);
    }
  }
}

/** Keeps the latest mails in memory, for `/dev/mailbox` and for tests: nothing leaves the machine. */
@Injectable()
export class Mailbox extends MailTransport {
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
    // so that tests meet what a mail server would
    assertOutsideUnit('the mail server');
    this.kept.unshift({ ...mail, sentAt: this.clock.now() });
    this.kept.length = Math.min(this.kept.length, Mailbox.CAPACITY);
    return Promise.resolve();
  }
}

/** The answer of the server (`451`), or the code of the failure (`ECONNREFUSED`). */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('responseCode' in error && typeof error.responseCode === 'number') return String(error.responseCode);
  return 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
