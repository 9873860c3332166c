import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../time/clock.js';
import { MailboxController } from './mailbox.controller.js';
import { Mailbox, Mailer, MailTransport } from './mailer.js';
import { SmtpTransport } from './smtp-transport.gateway.js';

/** Mail goes through SMTP when `SMTP_URL` names a server, else into the mailbox at `/dev/mailbox`. */
@Global()
@Module({
  controllers: [MailboxController],
  providers: [
    {
      provide: MailTransport,
      inject: [Config, Clock],
      useFactory: (config: Config, clock: Clock): MailTransport =>
        config.smtpUrl ? new SmtpTransport(config) : new Mailbox(clock),
    },
    Mailer,
  ],
  exports: [Mailer],
})
export class MailModule {}
