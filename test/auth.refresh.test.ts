import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { SessionPage } from '../src/auth/dto/session.dto.js';
import { authClient } from './support/auth.js';
import { Shop } from './support/shop.js';

const MINUTE = 60;
const DAY = 24 * 3600;

describe('refreshing', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
  const { refresh, whoAmI, account, later } = authClient(() => shop);

  it('gives new tokens that work', async () => {
    const { refreshToken } = await account();
    const { status, body } = await refresh(refreshToken);

    expect(status).toBe(200);
    expect(body.refreshToken).not.toBe(refreshToken);
    expect(await whoAmI(body.accessToken)).toBe(200);
    expect((await refresh(body.refreshToken)).status).toBe(200);
  });

  it('ends the session when a used token comes again (RFC 9700 §4.14.2)', async () => {
    const { refreshToken } = await account();
    const { body } = await refresh(refreshToken);
    later(11);
    const logged = jest.spyOn(Logger.prototype, 'warn');
    const again = await refresh(refreshToken);

    expect(again.status).toBe(401);
    expect(again.body).toMatchObject({ type: 'http://localhost:3000/problems/invalid-refresh-token' });
    expect(await whoAmI(body.accessToken)).toBe(401);
    expect((await refresh(body.refreshToken)).status).toBe(401);
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ event: 'authn_token_reuse' }));
  });

  it('knows a used token again, however many came after it', async () => {
    const { refreshToken } = await account();
    const { body: second } = await refresh(refreshToken);
    const { body: third } = await refresh(second.refreshToken);

    expect((await refresh(refreshToken)).status).toBe(401);
    expect(await whoAmI(third.accessToken)).toBe(401);
  });

  it('answers a client’s own race: the same token within 10 seconds', async () => {
    const { refreshToken } = await account();
    await refresh(refreshToken);
    later(9);
    const { status, body } = await refresh(refreshToken);

    expect(status).toBe(200);
    expect(await whoAmI(body.accessToken)).toBe(200);
  });

  it('answers 20 at once, and leaves one session that goes on with any of the answers', async () => {
    const { refreshToken, token } = await account();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    const sessions = await shop.ask<SessionPage>('auth/sessions', { token });
    later(5);
    const [first, last] = [
      await refresh(answers[0]?.body.refreshToken ?? ''),
      await refresh(answers[19]?.body.refreshToken ?? ''),
    ];

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(sessions.body.data).toHaveLength(1);
    expect([first.status, last.status]).toEqual([200, 200]);
  });

  it('ends 30 days after logging in, however often it was used', async () => {
    let { refreshToken } = await account();
    for (const day of [10, 20, 29]) {
      later(day * DAY);
      ({ refreshToken } = (await refresh(refreshToken)).body);
    }
    later(30 * DAY + MINUTE);

    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('ends after 14 days without use', async () => {
    const { refreshToken } = await account();
    later(14 * DAY + MINUTE);

    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('refuses what is no refresh token', async () => {
    const { token } = await account();

    expect((await refresh('made-up')).status).toBe(401);
    expect((await refresh(token)).status).toBe(401);
    expect((await refresh('x'.repeat(1000))).status).toBe(422);
  });
});
