import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { TokensDto } from '../src/auth/dto/auth.dto.js';
import { inviteAdmin, inviteIn, readOrder } from '../src/commands/invite-admin.js';
import { StartError } from '../src/common/config/start-error.js';
import type { UserDto } from '../src/users/dto/user.dto.js';
import { openAccount, PASSWORD, settled } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { createLastingDatabase } from './support/database.js';
import { Shop } from './support/shop.js';
import { SmtpSink } from './support/smtp.js';

const never = (): never => {
  throw new Error('the configuration was read');
};
const tokenIn = (text: string): string => /"token":"([\w-]{43})"|token=([\w-]{43})/.exec(text)?.slice(1).join('') ?? '';

describe('npm run users:invite-admin', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterAll(() => shop.close());

  /** What the command does once the database is open. */
  const run = (args: string[], { app } = shop): Promise<string> => inviteIn(app, readOrder(args) ?? never());
  const post = async (path: string, json: object): Promise<number> =>
    (await shop.ask(`auth/${path}`, { method: 'POST', json })).status;
  const rolesOf = async (email: string, password = PASSWORD): Promise<unknown> => {
    const { body } = await shop.ask<TokensDto>('auth/login', { method: 'POST', json: { email, password } });
    return (await shop.ask<UserDto>('users/me', { token: body.accessToken })).body.roles;
  };

  it('makes the first administrator of an empty shop, who chooses a password and signs in', async () => {
    const printed = await run(['Ada@Shop.Example']);
    expect(await post('reset-password', { token: tokenIn(printed), password: PASSWORD })).toBe(204);

    expect(printed).toMatch(/^ada@shop\.example is invited as an administrator\./);
    expect(await rolesOf('ada@shop.example')).toEqual(['admin']);
  });

  it('says so when there is nothing to do', async () => {
    expect(await run(['ada@shop.example'])).toBe(
      'ada@shop.example is an administrator already, and can sign in. Nothing was changed.\n',
    );
  });

  it('gives another link to somebody who has not used the first, which stops working', async () => {
    const [first, second] = [await run(['grace@shop.example']), await run(['grace@shop.example', '--name', 'Grace'])];
    const statuses = [
      await post('reset-password', { token: tokenIn(first), password: PASSWORD }),
      await post('reset-password', { token: tokenIn(second), password: PASSWORD }),
    ];

    expect(statuses).toEqual([422, 204]);
  });

  it('gives nothing to a stranger who registered the e-mail before', async () => {
    const email = 'claimed@shop.example';
    const password = 'seven herons over the pier';
    await post('register', { email, password: PASSWORD, name: 'Mallory' });
    await settled(shop);
    const printed = await run([email]);
    const strangers = await post('login', { email, password: PASSWORD });
    await post('reset-password', { token: tokenIn(printed), password });

    expect([strangers, await rolesOf(email), await rolesOf(email, password)]).toEqual([401, undefined, ['admin']]);
  });

  it('makes somebody an administrator who signs in already, and refuses somebody who is disabled', async () => {
    const [staff, closed] = [await openAccount(shop, 'staff'), await openAccount(shop, 'staff')];
    await shop.app.get(DataSource).query('UPDATE users SET disabled_at = now() WHERE id = $1', [closed.id]);

    expect(await run([staff.email])).toBe(`${staff.email} is an administrator now, and signs in as before.\n`);
    await expect(run([closed.email])).rejects.toThrow(/is disabled/);
    expect(await rolesOf(staff.email)).toEqual(['staff', 'admin']);
    expect((await eventsOf(shop, staff.id)).slice(1)).toEqual([
      { name: 'user.updated', version: 2, data: { roles: ['staff', 'admin'], disabled: false, verified: true } },
    ]);
    await run([staff.email]);
    expect(await eventsOf(shop, staff.id)).toHaveLength(2);
  });

  it('mails the link when there is a mail server, prints it with --print, and says what to do when it cannot', async () => {
    const sink = await SmtpSink.open();
    const mailing = await Shop.open({ smtpUrl: sink.url, webUrl: 'https://shop.example' });
    const mailed = await run(['mail@shop.example'], mailing);
    const printed = await run(['mail@shop.example', '--print'], mailing);
    sink.refusing = 1;
    const refused = await run(['refused@shop.example'], mailing).catch(String);
    await mailing.close();
    await sink.close();

    expect(mailed).toBe('mail@shop.example is invited as an administrator. A mail with a link is on its way.\n');
    expect(sink.deliveries.map(({ recipient }) => recipient)).toEqual(['mail@shop.example']);
    expect(printed).toMatch(/https:\/\/shop\.example\/reset-password\?token=[\w-]{43}\n/);
    expect(refused).toMatch(/refused@shop\.example is invited, but the mail could not be sent: .*--print\.$/);
  });

  it('opens the database that the configuration names, and closes it again', async () => {
    const database = await createLastingDatabase();
    const command = (): Promise<string> => inviteAdmin(['ada@shop.example'], () => database.config, database.options);
    const printed = [await command(), await command()];
    await database.drop();

    expect(printed.map((text) => text.slice(0, 45))).toEqual(
      Array<string>(2).fill('ada@shop.example is invited as an administrat'),
    );
    expect(tokenIn(printed[1] ?? '')).not.toBe(tokenIn(printed[0] ?? ''));
  });

  it.each([
    [[], /Name one e-mail address/],
    [['a@shop.example', 'b@shop.example'], /Name one e-mail address/],
    [['no e-mail'], /"no e-mail" is not an e-mail address/],
    [['ada@erased.invalid'], /is not an e-mail address/],
    [['ada\u200b@shop.example'], /is not an e-mail address/],
    [['ada@shop.example', '--name', ' '], /--name takes 1 to 100 characters/],
    [['ada@shop.example', '--name', 'a\nb'], /--name takes/],
    [['ada@shop.example', '--king'], /Unknown option '--king'/],
  ])('refuses %j in words, before anything is opened', async (args, words) => {
    await expect(inviteAdmin(args, never)).rejects.toThrow(words);
  });

  it('explains itself, and refuses as a person at the terminal can fix it', async () => {
    expect(await inviteAdmin(['--help'], never)).toMatch(/^Usage: npm run users:invite-admin -- <email>/);
    await expect(inviteAdmin([], never)).rejects.toBeInstanceOf(StartError);
  });
});
