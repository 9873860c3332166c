import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../time/clock.js';
import { MailboxController } from './mailbox.controller.js';
import { Mailbox, Mailer, SmtpMailer } from './mailer.js';

/** Mail goes through SMTP when `SMTP_URL` names a server, else into the mailbox at `/dev/mailbox`. */
@Global()
@Module({
  controllers: [MailboxController],
  providers: [
    {
      provide: Mailer,
      inject: [Config, Clock],
      useFactory: (config: Config, clock: Clock): Mailer =>
        config.smtpUrl ? new SmtpMailer(config) : new Mailbox(clock),
    },
  ],
  exports: [Mailer],
})
export class MailModule {}
