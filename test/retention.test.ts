import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { SessionPage } from '../src/auth/dto/session.dto.js';
import { MAX_SESSIONS } from '../src/auth/sessions.service.js';
import { Retention } from '../src/common/background/retention.js';
import { defineJob } from '../src/common/jobs/define-job.js';
import { JobPoll } from '../src/common/jobs/job-poll.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { UsersService } from '../src/users/users.service.js';
import { mailTo, openAccount, openSession, PASSWORD, settled, tokenIn } from './support/accounts.js';
import { authClient, freshEmail } from './support/auth.js';
import { eventsOf } from './support/events.js';
import { Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';

const DAY = 24 * 3600;
const Lost = defineJob<null>('test.lost');

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

describe('what is past its time', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const { post, register, login, account, whoAmI, later } = authClient(() => shop);

  const query = <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    shop.app.get(DataSource).query<T[]>(text, values);
  const count = async (table: string, column: string, value: string): Promise<number> =>
    (await query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${column} = $1`, [value]))[0]?.n ?? -1;
  const sweep = (): Promise<Map<string, number>> => shop.app.get(Retention).sweep();

  it('goes: sessions a week after they ended or ran out, and no other ones', async () => {
    const { id, token } = await account();
    const kept = await openSession(shop, id);
    await post('logout', undefined, token);
    later(6 * DAY);
    await sweep();
    const before = await count('sessions', 'user_id', id);
    later(8 * DAY);
    await sweep();
    const after = await count('sessions', 'user_id', id);

    expect([before, after]).toEqual([2, 1]);
    expect((await post('refresh', { refreshToken: kept.refreshToken })).status).toBe(200);
    later(45 * DAY);
    await sweep();
    expect(await count('sessions', 'user_id', id)).toBe(0);
  });

  it('goes: used and expired links', async () => {
    const { id, email } = await account();
    await post('forgot-password', { email });
    await sweep();
    const before = await count('one_time_tokens', 'user_id', id);
    later(DAY);
    await sweep();

    expect([before, await count('one_time_tokens', 'user_id', id)]).toEqual([1, 0]);
  });

  it('goes: accounts that nobody has verified in 30 days, and their e-mail is free again', async () => {
    const [registered, verified, invited] = [freshEmail(), freshEmail(), freshEmail()];
    const { token } = await openAccount(shop, 'admin');
    await register(registered);
    await register(verified);
    await post('verify-email', { token: tokenIn(mailTo(shop, verified)) });
    await shop.ask('users', { method: 'POST', token, json: { email: invited, name: 'Grace' } });
    await settled(shop);
    const left = async (): Promise<number[]> =>
      Promise.all([registered, verified, invited].map((email) => count('users', 'email', email)));
    later(29 * DAY);
    await sweep();
    const before = await left();
    const ids = await query<{ id: string }>('SELECT id FROM users WHERE email IN ($1, $2)', [registered, verified]);
    later(31 * DAY);
    await sweep();

    expect([before, await left()]).toEqual([
      [1, 1, 1],
      [0, 1, 0],
    ]);
    const announced = await Promise.all(ids.map(async ({ id }) => (await eventsOf(shop, id)).map(({ name }) => name)));
    // earlier events have gone by then
    expect(announced.sort()).toEqual([[], ['user.erased']]);
    await register(registered);
    expect(await count('users', 'email', registered)).toBe(1);
  });

  it('goes: an unverified account that something refers to is erased, and the others are deleted', async () => {
    const emails = [freshEmail(), freshEmail(), freshEmail()];
    for (const email of emails) await register(email);
    const [middle] = await query<{ id: string }>('SELECT id FROM users WHERE email = $1', [emails[1]]);
    await query('CREATE TABLE notes_on_users (user_id uuid REFERENCES users (id))');
    await query('INSERT INTO notes_on_users VALUES ($1)', [middle?.id]);
    later(31 * DAY);
    const deleted = await sweep();
    const names = await Promise.all(emails.map((email) => count('users', 'email', email)));
    const erased = await shop.app.get(UsersService).read(middle?.id ?? '');
    await query('DROP TABLE notes_on_users');

    expect(deleted.get('unverified users')).toBeGreaterThanOrEqual(3);
    expect(names).toEqual([0, 0, 0]);
    expect(erased).toMatchObject({ erased: true, name: 'Erased user' });
    expect((await eventsOf(shop, erased.id)).at(-1)).toEqual({
      name: 'user.erased',
      version: erased.version,
      data: {},
    });
  });

  it('goes: networks that a user was not seen in for 90 days', async () => {
    const { id, email } = await account();
    later(89 * DAY);
    await sweep();
    const before = await count('known_networks', 'user_id', id);
    later(91 * DAY);
    await sweep();

    expect([before, await count('known_networks', 'user_id', id)]).toEqual([1, 0]);
    expect((await login(email)).status).toBe(200);
  });

  it('goes: jobs a week after they finished, and 90 days after they were given up; never one that waits', async () => {
    const jobs = shop.app.get(JobsService);
    await shop.app.get(JobRunner).idle();
    await query('DELETE FROM jobs');
    await jobs.enqueue(Lost, null, { key: 'waiting' });
    for (const state of ['finished', 'dead']) {
      await query(
        `INSERT INTO jobs (id, kind, state, due_at, finished_at) VALUES (gen_random_uuid(), 'test.lost', $1, now(), now())`,
        [state],
      );
    }
    const left = async (): Promise<string[]> =>
      (await query<{ state: string }>('SELECT state FROM jobs ORDER BY state')).map(({ state }) => state);
    later(6 * DAY);
    await sweep();
    const afterSixDays = await left();
    later(8 * DAY);
    await sweep();
    const afterEightDays = await left();
    later(91 * DAY);
    await sweep();

    expect([afterSixDays, afterEightDays, await left()]).toEqual([
      ['dead', 'finished', 'waiting'],
      ['dead', 'waiting'],
      ['waiting'],
    ]);
  });

  it('goes every ten minutes, whichever process looks', async () => {
    const networks = async (): Promise<number> => count('known_networks', 'user_id', id);
    const { id } = await account();
    const look = async (seconds: number): Promise<number> => {
      later(seconds);
      await shop.app.get(JobPoll).look();
      await shop.app.get(JobRunner).idle();
      return networks();
    };
    const left = [await look(0), await look(89 * DAY), await look(91 * DAY), await look(91 * DAY + 600)];

    expect(left).toEqual([1, 1, 0, 0]);
    const slots = await query<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE kind = 'retention.sweep' AND state = 'finished'`,
    );
    expect(slots[0]?.n).toBeGreaterThanOrEqual(2);
  });

  it('never is more than so many sessions of one user: the one unused for longest ends', async () => {
    const { id, email, token } = await account();
    const first = token;
    later(2);
    for (let n = 1; n < MAX_SESSIONS; n++) await openSession(shop, id);
    const full = await whoAmI(first);
    later(4);
    const { body } = await login(email);
    const page = await shop.ask<SessionPage>('auth/sessions?limit=100', { token: body.accessToken });

    expect(full).toBe(200);
    expect(page.body.data).toHaveLength(MAX_SESSIONS);
    expect(await whoAmI(first)).toBe(401);
    expect((await login(email, PASSWORD)).status).toBe(200);
  });
});

describe('when a session was last seen', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is written once, however many requests come at once, and none waits for it', async () => {
    const { token } = await openAccount(shop, 'customer');
    authClient(() => shop).later(120);
    const statements = await statementsOf(shop, async () => {
      await Promise.all(Array.from({ length: 20 }, () => shop.ask('users/me', { token })));
    });

    expect(statements.filter(({ text }) => text.includes('UPDATE sessions'))).toHaveLength(1);
  });
});
