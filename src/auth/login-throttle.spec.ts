import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { TooManyRequests } from '../common/errors/errors.js';
import { Counters } from '../common/http/limits/counters.js';
import { Secrets } from '../common/security/secrets.js';
import { SecurityLog } from '../common/security/security-log.js';
import { pauseAfter } from './lockout.js';
import { type LoginAttempt, LoginPolicy, LoginThrottle } from './login-throttle.js';

describe('a pause', () => {
  it('gets longer with each wrong password, and never longer than 15 minutes', () => {
    const { pair } = new LoginPolicy();
    const pauses = [1, 9, 10, 11, 12, 13, 14, 15, 1000].map((failures) => pauseAfter(failures, pair));

    expect(pauses).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });
});

describe('the throttle of logins', () => {
  let subject: LoginThrottle;
  let warn: jest.Spied<Logger['warn']>;
  beforeEach(() => {
    const config = new Config();
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const security = new SecurityLog(new Transactions(new DataSource({ type: 'postgres' })));
    subject = new LoginThrottle(new LoginPolicy(), new Counters(config), new Secrets(config), security);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const attempt = (email: string, address: string, known = false): LoginAttempt => ({
    email,
    address,
    isKnown: () => Promise.resolve(known),
  });
  const fail = async (times: number, of: (n: number) => [email: string, address: string]): Promise<void> => {
    for (let n = 0; n < times; n++) await subject.failed(attempt(...of(n)));
  };
  const isAllowed = async (...who: [email: string, address: string, known?: boolean]): Promise<boolean> => {
    try {
      await subject.assertAllowed(attempt(...who));
      return true;
    } catch (error) {
      if (error instanceof AppError && error.kind === TooManyRequests) return false;
      throw error;
    }
  };

  it('pauses an account in the network that the wrong passwords come from, and in no other', async () => {
    await fail(10, (n) => [n % 2 ? 'Ada@Example.com' : 'ada@example.com', '192.0.2.1']);

    expect(await isAllowed('ADA@example.com', '192.0.2.1')).toBe(false);
    expect(await isAllowed('ada@example.com', '192.0.2.1', true)).toBe(false);
    expect(await isAllowed('ada@example.com', '192.0.2.2')).toBe(true);
    expect(await isAllowed('grace@example.com', '192.0.2.1')).toBe(true);
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ event: 'authn_login_lock', failures: 10, seconds: 30 }),
    );
  });

  it('pauses an account in all networks where it was never used, after 100 from many of them', async () => {
    await fail(100, (n) => ['ada@example.com', `192.0.2.${String(n)}`]);

    expect(await isAllowed('ada@example.com', '198.51.100.1')).toBe(false);
    expect(await isAllowed('ada@example.com', '198.51.100.1', true)).toBe(true);
    expect(await isAllowed('grace@example.com', '198.51.100.1')).toBe(true);
  });

  it('pauses a network for accounts that were never used there, after 100 on many of them', async () => {
    await fail(100, (n) => [`person-${String(n)}@example.com`, '192.0.2.1']);

    expect(await isAllowed('grace@example.com', '192.0.2.1')).toBe(false);
    expect(await isAllowed('grace@example.com', '192.0.2.1', true)).toBe(true);
    expect(await isAllowed('grace@example.com', '192.0.2.2')).toBe(true);
  });

  it('never pauses a network for longer than a minute', () => {
    const { network } = new LoginPolicy();

    expect([99, 100, 101, 10_000].map((failures) => pauseAfter(failures, network))).toEqual([0, 10, 20, 60]);
  });

  it('forgives the account in one network', async () => {
    await fail(10, () => ['ada@example.com', '192.0.2.1']);
    await fail(10, () => ['ada@example.com', '192.0.2.2']);
    await subject.reset({ email: 'ada@example.com', address: '192.0.2.1' });

    expect(await isAllowed('ada@example.com', '192.0.2.1')).toBe(true);
    expect(await isAllowed('ada@example.com', '192.0.2.2')).toBe(false);
  });

  it('counts a session apart', async () => {
    for (let n = 0; n < 10; n++) await subject.sessionFailed('mine');

    await expect(subject.assertSessionAllowed('mine')).rejects.toBeInstanceOf(AppError);
    await expect(subject.assertSessionAllowed('other')).resolves.toBeUndefined();
    await subject.forgiveSession('mine');
    await expect(subject.assertSessionAllowed('mine')).resolves.toBeUndefined();
  });
});
