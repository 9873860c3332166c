import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AppError } from '../errors/app-error.js';
import { NotFound } from '../errors/errors.js';
import { escapeHtml, HTML_PAGE_CSP, htmlPage, linkedHtml } from '../http/syntax/html.js';
import { Public } from '../security/access.js';
import { type Mail, Mailbox, MailTransport } from './mailer.js';

/** The mails that would have been sent; nothing is here where mail is really sent. */
@ApiExcludeController()
@Public()
@Controller({ path: 'dev', version: VERSION_NEUTRAL })
export class MailboxController {
  constructor(private readonly transport: MailTransport) {}

  @Get('mailbox.json')
  list(): { data: readonly (Mail & { sentAt: Date })[] } {
    return { data: this.mails() };
  }

  @Get('mailbox')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', HTML_PAGE_CSP)
  page(): string {
    const mails = this.mails().map(
      ({ to, subject, text, sentAt }) =>
        `<h2>${escapeHtml(subject)}</h2><p>to ${escapeHtml(to)}, ${sentAt.toISOString()}</p><pre>${linkedHtml(text)}</pre>`,
    );
    return htmlPage('Mailbox', mails.join('\n') || '<p>No mail yet.</p>');
  }

  private mails(): readonly (Mail & { sentAt: Date })[] {
    if (this.transport instanceof Mailbox) return this.transport.mails;
    throw new AppError(NotFound, 'There is no mailbox here: mail is sent.');
  }
}
