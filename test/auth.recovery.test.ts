import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailTo, PASSWORD, tokenIn } from './support/accounts.js';
import { authClient, freshEmail, NEW_PASSWORD } from './support/auth.js';
import { type Answer, Shop } from './support/shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

describe('a forgotten password', () => {
  const { post, register, login, refresh, whoAmI, account } = authClient(() => shop);

  const forgotten = async (email: string): Promise<string> => {
    await post('forgot-password', { email });
    return tokenIn(mailTo(shop, email));
  };

  it('is replaced by way of the mail; every session ends, and nobody is logged in', async () => {
    const { email, token: access, refreshToken } = await account();
    const { status, body } = await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

    expect(status).toBe(204);
    expect(body).toBe('');
    expect(await whoAmI(access)).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
  });

  it('sends a notice (ASVS 6.3.7)', async () => {
    const { email } = await account();
    await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

    expect(mailTo(shop, email).subject).toBe('Your password was changed');
  });

  it('answers the same for an e-mail that nobody has (ASVS 6.3.8)', async () => {
    const known = await post('forgot-password', { email: (await account()).email });
    const unknown = await post('forgot-password', { email: freshEmail() });

    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
  });

  it('keeps its token when the new password is refused', async () => {
    const { email } = await account();
    const token = await forgotten(email);

    expect((await post('reset-password', { token, password: 'passwordpassword' })).status).toBe(422);
    expect((await post('reset-password', { token, password: NEW_PASSWORD })).status).toBe(204);
  });

  it('loses its token to a change of the password', async () => {
    const { email, token: access } = await account();
    const token = await forgotten(email);
    await post('change-password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }, access);

    expect((await post('reset-password', { token, password: 'another good one, I think' })).status).toBe(422);
  });

  it('verifies the e-mail as well, which it has just shown', async () => {
    const email = freshEmail();
    await register(email);
    await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
  });

  it('opens an account that is paused for guessing', async () => {
    const { email } = await account();
    await Promise.all(Array.from({ length: 10 }, () => login(email, 'a wrong password')));
    const paused = await login(email);
    await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

    expect(paused.status).toBe(429);
    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
  });
});

describe('changing the password', () => {
  const { post, login, refresh, whoAmI, account } = authClient(() => shop);

  const change = (token: string, json: object = {}): Promise<Answer<object>> =>
    post('change-password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...json }, token);

  it('ends the other sessions, keeps this one, and sends a notice (ASVS 6.3.7, 7.4.3)', async () => {
    const { email, token } = await account();
    const { body: other } = await login(email);
    const { status } = await change(token);

    expect(status).toBe(204);
    expect(await whoAmI(token)).toBe(200);
    expect(await whoAmI(other.accessToken)).toBe(401);
    expect((await refresh(other.refreshToken)).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
    expect(mailTo(shop, email).subject).toBe('Your password was changed');
  });

  it('needs the current one (ASVS 6.2.3)', async () => {
    const { email, token } = await account();
    const { status, body } = await change(token, { currentPassword: 'a wrong password' });

    expect(status).toBe(422);
    expect(body).toMatchObject({
      type: 'http://localhost:3000/problems/wrong-password',
      errors: [{ pointer: '#/currentPassword' }],
    });
    expect((await login(email)).status).toBe(200);
  });

  it('asks as much of the new one as registering does', async () => {
    const { token } = await account();

    expect((await change(token, { newPassword: 'too short' })).body).toMatchObject({
      errors: [{ pointer: '#/newPassword', code: 'minLength' }],
    });
    expect((await change(token, { newPassword: 'letmeinletmeinletmein' })).body).toMatchObject({
      errors: [{ pointer: '#/newPassword', code: 'password_breached' }],
    });
  });

  it('can’t be guessed through', async () => {
    const { token } = await account();
    for (let tries = 0; tries < 10; tries++) await change(token, { currentPassword: 'a wrong password' });

    expect((await change(token)).status).toBe(429);
  });

  it('is for signed-in users', async () => {
    expect((await post('change-password', {})).status).toBe(401);
  });
});
