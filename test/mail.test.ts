import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Transactions } from '../src/common/database/transactions.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { Mailer, MailTransport } from '../src/common/mail/mailer.js';
import { Clock } from '../src/common/time/clock.js';
import { settled } from './support/accounts.js';
import { Shop } from './support/shop.js';
import { type Delivery, SmtpSink } from './support/smtp.js';

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

describe('a mail', () => {
  let sink: SmtpSink;
  let shop: Shop;
  let jobs: JobRunner;
  let seconds: number;
  beforeAll(async () => {
    sink = await SmtpSink.open();
    shop = await Shop.open({ smtpUrl: sink.url, mailFrom: 'Shop <no-reply@shop.example>' });
    jobs = shop.app.get(JobRunner);
  });
  beforeEach(async () => {
    seconds = 0;
    sink.refusing = 0;
    const start = Date.now();
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(start + seconds * 1000));
    for (const level of ['warn', 'error'] as const) jest.spyOn(Logger.prototype, level).mockReturnValue(undefined);
    await shop.app.get(DataSource).query('DELETE FROM jobs');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await shop.close();
    await sink.close();
  });

  const send = (to: string): Promise<void> => shop.app.get(Mailer).send({ to, subject: 'S', text: 'hush-hush' });
  const deliveriesTo = (to: string): Delivery[] => sink.deliveries.filter(({ recipient }) => recipient === to);
  const row = async (): Promise<Record<string, unknown> | undefined> =>
    (await shop.app.get(DataSource).query<Record<string, unknown>[]>('SELECT * FROM jobs'))[0];

  it('is sent when the unit of work commits, and not when it is rolled back', async () => {
    const transactions = shop.app.get(Transactions);
    await transactions.run(() => send('kept@example.com'));
    const undone = transactions.run(async () => {
      await send('undone@example.com');
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await jobs.idle();

    expect([deliveriesTo('kept@example.com').length, deliveriesTo('undone@example.com').length]).toEqual([1, 0]);
  });

  it('is sealed while it waits, and leaves nothing once it is sent', async () => {
    sink.refusing = 1;
    await send('sealed@example.com');
    await jobs.idle();
    const waiting = await row();
    seconds = 60;
    await jobs.idle();

    expect(waiting).toMatchObject({ kind: 'mail.send', state: 'waiting', attempts: 1 });
    expect(JSON.stringify(waiting)).not.toMatch(/hush|sealed@example/);
    expect(deliveriesTo('sealed@example.com')).toHaveLength(1);
    expect(await row()).toMatchObject({ state: 'finished', data: null, last_error: null });
  });

  it('survives a mail server that is away for six hours', async () => {
    sink.refusing = 10_000;
    await send('later@example.com');
    for (; seconds < 6 * 3600; seconds += 60) await jobs.idle();
    const before = deliveriesTo('later@example.com').length;
    sink.refusing = 0;
    for (; seconds < 8 * 3600; seconds += 60) await jobs.idle();

    expect([before, deliveriesTo('later@example.com').length]).toEqual([0, 1]);
  });

  it('that is sent again, because its process ended before it could say so, has the same Message-ID', async () => {
    const lost = jest
      .spyOn(shop.app.get(JobsRepository), 'finish')
      .mockRejectedValueOnce(new Error('the process ended'));
    jest.spyOn(shop.app.get(JobsRepository), 'giveBack').mockRejectedValueOnce(new Error('the process ended'));
    await send('twice@example.com');
    await jobs.idle();
    lost.mockRestore();
    seconds = 60;
    await jobs.idle();
    const ids = deliveriesTo('twice@example.com').map(({ data }) => /^Message-ID: (.*)$/im.exec(data)?.[1]);

    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set([`<${String((await row())?.id)}@shop.example>`]));
  });

  it('that the mail server does not answer has used an attempt, as one that it refuses: its socket is none of the database', async () => {
    const noAnswer = Object.assign(new Error('Timeout'), { code: 'ETIMEDOUT' });
    jest.spyOn(shop.app.get(MailTransport), 'deliver').mockRejectedValue(noAnswer);
    await send('silent@example.com');
    await jobs.idle();
    expect(await row()).toMatchObject({
      state: 'waiting',
      attempts: 1,
      last_error: expect.stringContaining('ETIMEDOUT'),
    });
    for (; seconds < 3 * 24 * 3600; seconds += 600) await jobs.idle();

    expect(await row()).toMatchObject({ state: 'dead', attempts: 18 });
  });

  it('does not wait for the mail server: the caller goes on', async () => {
    const held = Promise.withResolvers<undefined>();
    jest.spyOn(shop.app.get(MailTransport), 'deliver').mockReturnValue(held.promise);
    await send('slow@example.com');
    expect((await row())?.finished_at).toBeNull();
    held.resolve(undefined);
    await jobs.idle();

    expect(await row()).toMatchObject({ state: 'finished' });
  });
});
