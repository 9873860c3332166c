import { Injectable, Logger } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { Config } from '../config/config.js';

/** A plain-text mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Sends mail. Features ask for this; which one it is, configuration decides. */
export abstract class Mailer {
  private readonly logger = new Logger('Mailer');

  /** Hands the mail over without making the request wait; a failure is tried again, then logged. */
  send(mail: Mail): void {
    void this.trySending(mail, 3);
  }

  /** Delivers one mail, or throws. */
  protected abstract deliver(mail: Mail): Promise<void>;

  private async trySending(mail: Mail, tries: number): Promise<void> {
    try {
      await this.deliver(mail);
    } catch (error) {
      if (tries > 1) return this.trySending(mail, tries - 1);
      this.logger.error({ err: error, subject: mail.subject }, 'a mail could not be sent');
    }
  }
}

/** Through an SMTP server, by nodemailer. */
@Injectable()
export class SmtpMailer extends Mailer {
  private readonly transport: Transporter;

  constructor(private readonly config: Config) {
    super();
    this.transport = createTransport(config.smtpUrl);
  }

  protected async deliver(mail: Mail): Promise<void> {
    await this.transport.sendMail({ from: this.config.mailFrom, ...mail });
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}

/** Keeps the latest mails in memory, for `/dev/mailbox` and for tests: nothing leaves the machine. */
@Injectable()
export class Mailbox extends Mailer {
  private static readonly CAPACITY = 200;
  private readonly kept: (Mail & { sentAt: Date })[] = [];

  /** The mails kept, the latest first. */
  get mails(): readonly (Mail & { sentAt: Date })[] {
    return this.kept;
  }

  protected deliver(mail: Mail): Promise<void> {
    this.kept.unshift({ ...mail, sentAt: new Date() });
    this.kept.length = Math.min(this.kept.length, Mailbox.CAPACITY);
    return Promise.resolve();
  }
}
