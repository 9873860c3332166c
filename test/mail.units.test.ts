import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Transactions } from '../src/common/database/transactions.js';
import { type Mail, Mailbox, MailTransport } from '../src/common/mail/mailer.js';
import { SmtpTransport } from '../src/common/mail/smtp-transport.gateway.js';
import { Clock } from '../src/common/time/clock.js';
import { testConfig } from './support/database.js';
import { SmtpSink } from './support/smtp.js';
import { openUnits, type Units } from './support/units.js';

/** A service as a feature could have it. */
class Greeter {
  constructor(
    private readonly mailer: MailTransport,
    private readonly transactions: Transactions,
    private readonly add: (name: string) => Promise<void>,
  ) {}

  async greetInside(mail: Mail): Promise<void> {
    await this.transactions.run(async () => {
      await this.add('greeted');
      await this.transactions.run(() => this.mailer.deliver(mail));
    });
  }

  async greetAfter(mail: Mail): Promise<void> {
    await this.transactions.run(() => this.add('greeted'));
    await this.mailer.deliver(mail);
  }
}

describe('a mail server', () => {
  let units: Units;
  let sink: SmtpSink;
  let smtp: SmtpTransport;
  beforeAll(async () => {
    units = await openUnits();
    sink = await SmtpSink.open();
    smtp = new SmtpTransport(testConfig({ smtpUrl: sink.url }));
  });
  afterAll(async () => {
    smtp.onApplicationShutdown();
    await sink.close();
    await units.close();
  });

  const box = new Mailbox(new Clock());
  it.each([
    { name: 'SMTP', mailer: (): MailTransport => smtp, count: () => sink.deliveries.length },
    { name: 'the mailbox', mailer: (): MailTransport => box, count: () => box.mails.length },
  ])('is called after a unit of work and not inside of it: $name', async ({ mailer, count }) => {
    await units.categories.deleteAll();
    const greeter = new Greeter(mailer(), units.transactions, units.add);
    const mail = { to: 'ada@example.com', subject: 'S', text: 'T' };

    await expect(greeter.greetInside(mail)).rejects.toThrow(/the mail server is called inside.*enqueue a job/);
    expect(count()).toBe(0);
    expect(await units.names()).toEqual([]);

    await greeter.greetAfter(mail);
    expect(count()).toBe(1);
    expect(await units.names()).toEqual(['greeted']);
  });
});
