import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../src/app.js';
import { inviteAdmin } from '../src/commands/invite-admin.js';
import type { Config } from '../src/common/config/config.js';
import { StartError } from '../src/common/config/start-error.js';
import { PASSWORD } from './support/accounts.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';
import { SmtpSink } from './support/smtp.js';

/** The command and the shop take turns on one database, as they must on the embedded engine. */
describe('npm run users:invite-admin', () => {
  let database: TestDatabase;
  let sink: SmtpSink;
  beforeAll(async () => {
    database = await createLastingDatabase();
    sink = await SmtpSink.open();
  });
  afterAll(async () => {
    await database.drop();
    await sink.close();
  });

  const run = (args: string[], settings: Partial<Config> = {}): Promise<string> =>
    inviteAdmin(args, () => Object.assign({}, database.config, settings), database.options);
  const never = (): Config => {
    throw new Error('the configuration was read');
  };
  const inShop = async <T>(work: (app: NestFastifyApplication) => Promise<T>): Promise<T> => {
    const app = await createApp(database.config, database.options);
    try {
      await app.init();
      await app.getHttpAdapter().getInstance().ready();
      return await work(app);
    } finally {
      await app.close();
    }
  };
  const post = async (app: NestFastifyApplication, path: string, payload: object): Promise<number> =>
    (await app.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload })).statusCode;
  const rolesOf = async (app: NestFastifyApplication, email: string, password = PASSWORD): Promise<unknown> => {
    const login = await app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { email, password } });
    const { accessToken } = login.json<{ accessToken?: string }>();
    const headers = { authorization: `Bearer ${accessToken ?? ''}` };
    return (await app.inject({ url: '/api/v1/users/me', headers })).json<{ roles?: string[] }>().roles;
  };
  const tokenIn = (text: string): string =>
    /"token":"([\w-]{43})"|token=([\w-]{43})/.exec(text)?.slice(1).join('') ?? '';

  it('makes the first administrator of an empty shop, who chooses a password and signs in', async () => {
    const printed = await run(['Ada@Shop.Example']);
    const roles = await inShop(async (app) => {
      expect(await post(app, 'reset-password', { token: tokenIn(printed), password: PASSWORD })).toBe(204);
      return rolesOf(app, 'ada@shop.example');
    });

    expect(printed).toMatch(/^ada@shop\.example is invited as an administrator\./);
    expect(roles).toEqual(['admin']);
  });

  it('says so when there is nothing to do', async () => {
    expect(await run(['ada@shop.example'])).toBe(
      'ada@shop.example is an administrator already, and can sign in. Nothing was changed.\n',
    );
  });

  it('gives another link to somebody who has not used the first, which stops working', async () => {
    const [first, second] = [await run(['grace@shop.example']), await run(['grace@shop.example', '--name', 'Grace'])];
    const statuses = await inShop(async (app) => [
      await post(app, 'reset-password', { token: tokenIn(first), password: PASSWORD }),
      await post(app, 'reset-password', { token: tokenIn(second), password: PASSWORD }),
    ]);

    expect(statuses).toEqual([422, 204]);
  });

  it('gives nothing to a stranger who registered the e-mail before', async () => {
    const email = 'claimed@shop.example';
    await inShop((app) => post(app, 'register', { email, password: PASSWORD, name: 'Mallory' }));
    const printed = await run([email]);
    const password = 'seven herons over the pier';
    const roles = await inShop(async (app) => {
      const strangers = await post(app, 'login', { email, password: PASSWORD });
      await post(app, 'reset-password', { token: tokenIn(printed), password });
      return [strangers, await rolesOf(app, email), await rolesOf(app, email, password)];
    });

    expect(roles).toEqual([401, undefined, ['admin']]);
  });

  it('mails the link when there is a mail server, and prints it with --print', async () => {
    const settings = { smtpUrl: sink.url, webUrl: 'https://shop.example' };
    const mailed = await run(['mail@shop.example'], settings);
    const printed = await run(['mail@shop.example', '--print'], settings);

    expect(mailed).toBe('mail@shop.example is invited as an administrator. A mail with a link is on its way.\n');
    expect(sink.deliveries.map(({ recipient }) => recipient)).toEqual(['mail@shop.example']);
    expect(printed).toMatch(/https:\/\/shop\.example\/reset-password\?token=[\w-]{43}\n/);
  });

  it('says what to do when the mail cannot be sent', async () => {
    sink.refusing = 1;

    await expect(run(['refused@shop.example'], { smtpUrl: sink.url })).rejects.toThrow(
      /^refused@shop\.example is invited, but the mail could not be sent: .*--print\.$/,
    );
  });

  it('makes somebody an administrator who signs in already, and refuses somebody who is disabled', async () => {
    const [staff, closed] = ['staff@shop.example', 'closed@shop.example'];
    await inShop(async (app) => {
      const { UsersService } = await import('../src/users/users.service.js');
      const { PasswordHasher } = await import('../src/auth/passwords.js');
      const { DataSource } = await import('typeorm');
      const passwordHash = await app.get(PasswordHasher).hash(PASSWORD);
      for (const email of [staff, closed]) {
        await app.get(UsersService).create({ email, name: 'S', roles: ['staff'], passwordHash, verified: true });
      }
      await app.get(DataSource).query('UPDATE users SET disabled_at = now() WHERE email = $1', [closed]);
    });

    expect(await run([staff])).toBe('staff@shop.example is an administrator now, and signs in as before.\n');
    await expect(run([closed])).rejects.toThrow(/is disabled/);
    expect(await inShop((app) => rolesOf(app, staff))).toEqual(['staff', 'admin']);
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
