import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { Config } from '../config/config.js';
import { assertOutsideUnit } from '../database/transactions.js';
import { mailHtml } from './mail-html.js';
import { type Mail, MailTransport } from './mailer.js';

/** How long a server may take to connect, to greet, and to answer, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Through an SMTP server, by nodemailer. */
@Injectable()
export class SmtpTransport extends MailTransport implements OnApplicationShutdown {
  private readonly transport: Transporter;

  constructor(private readonly config: Config) {
    super();
    this.transport = createTransport({ url: config.smtpUrl, ...TIMEOUTS });
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  async deliver({ to, subject, text, html = mailHtml({ subject, text }) }: Mail, id?: string): Promise<void> {
    assertOutsideUnit('the mail server');
    const from = this.config.mailFrom;
    const messageId = id && `<${id}@${/@([^>\s]+)/.exec(from)?.[1] ?? 'localhost'}>`;
    // As an object the address is not parsed: in a text, quotes, commas and brackets would mean something.
    await this.transport.sendMail({ from, to: { name: '', address: to }, subject, text, html, messageId });
  }
}
