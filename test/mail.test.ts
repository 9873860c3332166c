import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Mailer, SmtpMailer } from '../src/common/mail/mailer.js';
import { settled } from './support/accounts.js';
import { testConfig } from './support/database.js';
import { Shop } from './support/shop.js';
import { SmtpSink } from './support/smtp.js';

const mailTo = (to: string): { to: string; subject: string; text: string } => ({ to, subject: 'S', text: 'T' });

describe('mail through a mail server', () => {
  let sink: SmtpSink;
  let shop: Shop;
  beforeAll(async () => {
    sink = await SmtpSink.open();
    shop = await Shop.open({ smtpUrl: sink.url, webUrl: 'https://shop.example/account' });
  });
  afterAll(async () => {
    await shop.close();
    await sink.close();
  });

  it.each([
    ['Ada.Lovelace@Example.COM', 'ada.lovelace@example.com'],
    ["o'brien+shop@example.com", "o'brien+shop@example.com"],
    ['!#$%&*/=?^_`{|}~-@example.com', '!#$%&*/=?^_`{|}~-@example.com'],
    ['ju\u0308rgen@example.com', 'jürgen@example.com'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
  ])('to %j goes to %j and nowhere else, with a link to the page of the shop', async (email, recipient) => {
    const json = { email, password: 'open sesame, little shop', name: 'Ada' };
    await shop.ask('auth/register', { method: 'POST', json });
    await settled(shop);
    const latest = sink.deliveries.at(-1);

    expect(latest?.recipient).toBe(recipient);
    expect(latest?.data).toMatch(/https:\/\/shop\.example\/account\/verify-email\?token=/);
  });

  it('is not to be had at /dev/mailbox', async () => {
    expect((await shop.ask('/dev/mailbox.json')).status).toBe(404);
  });
});

describe('a mailer', () => {
  let sink: SmtpSink;
  beforeAll(async () => {
    sink = await SmtpSink.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => sink.close());
  const mailer = (): SmtpMailer => new SmtpMailer(testConfig({ smtpUrl: sink.url }));

  it('sends what waits before it is shut down', async () => {
    const subject = mailer();
    for (let n = 0; n < 30; n++) subject.send(mailTo(`waiting-${String(n)}@example.com`));
    await subject.onApplicationShutdown();

    expect(sink.deliveries.filter(({ recipient }) => recipient.startsWith('waiting-'))).toHaveLength(30);
  });

  it('tries again after a pause', async () => {
    sink.refusing = 1;
    const subject = mailer();
    subject.send(mailTo('later@example.com'));
    await subject.idle();
    await subject.onApplicationShutdown();

    expect(sink.deliveries.at(-1)?.recipient).toBe('later@example.com');
  });

  it('gives up at once when it is shutting down, and logs it without the address', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    sink.refusing = 1;
    const subject = mailer();
    const stopped = subject.onApplicationShutdown();
    subject.send(mailTo('never@example.com'));
    await stopped;
    await subject.idle();

    expect(sink.deliveries.map(({ recipient }) => recipient)).not.toContain('never@example.com');
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ subject: 'S' }), 'A mail could not be sent.');
    sink.refusing = 0;
  });

  it('keeps a bounded number of mails in memory', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const held = Promise.withResolvers<undefined>();
    let delivered = 0;
    class HeldMailer extends Mailer {
      async deliver(): Promise<void> {
        await held.promise;
        delivered++;
      }
    }
    const subject = new HeldMailer();
    for (let n = 0; n < 1100; n++) subject.send(mailTo('ada@example.com'));
    held.resolve(undefined);
    await subject.idle();

    expect(delivered).toBe(1005);
    expect(logged).toHaveBeenCalledTimes(95);
  });
});
