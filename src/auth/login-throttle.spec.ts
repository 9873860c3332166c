import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { Counters } from '../common/http/counters.js';
import { Problem } from '../common/http/problem.js';
import { Secrets } from '../common/security/secrets.js';
import { LoginPolicy, LoginThrottle, pauseAfter } from './login-throttle.js';

describe('an account', () => {
  it('pauses for longer with each wrong password, and never for more than 15 minutes', () => {
    const policy = new LoginPolicy();
    const pauses = [1, 9, 10, 11, 12, 13, 14, 15, 1000].map((failures) => pauseAfter(failures, policy));

    expect(pauses).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });
});

describe('the throttle of logins', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(['error']);
  });

  const throttle = (): LoginThrottle =>
    new LoginThrottle(new LoginPolicy(), new Secrets(new Config()), new Counters(new Config()));
  const fail = async (
    subject: LoginThrottle,
    times: number,
    email: (n: number) => string,
    address: string,
  ): Promise<void> => {
    for (let n = 0; n < times; n++) await subject.failed(email(n), address);
  };

  it('holds wrong passwords against the account, however its e-mail is written and wherever they come from', async () => {
    const subject = throttle();
    await fail(subject, 5, () => 'Ada@Example.com', '192.0.2.1');
    await fail(subject, 5, () => 'ada@example.com', '192.0.2.2');

    await expect(subject.admit('ADA@example.com', '192.0.2.3')).rejects.toBeInstanceOf(Problem);
    await expect(subject.admit('grace@example.com', '192.0.2.1')).resolves.toBeUndefined();
  });

  it('holds them against the network, whatever the accounts are', async () => {
    const subject = throttle();
    await fail(subject, 100, (n) => `person-${String(n)}@example.com`, '192.0.2.1');

    await expect(subject.admit('grace@example.com', '192.0.2.1')).rejects.toBeInstanceOf(Problem);
    await expect(subject.admit('grace@example.com', '192.0.2.2')).resolves.toBeUndefined();
  });

  it('forgives the account, and not the network', async () => {
    const subject = throttle();
    await fail(subject, 100, () => 'ada@example.com', '192.0.2.1');
    await subject.forgive('ada@example.com');

    await expect(subject.admit('ada@example.com', '192.0.2.2')).resolves.toBeUndefined();
    await expect(subject.admit('ada@example.com', '192.0.2.1')).rejects.toBeInstanceOf(Problem);
  });
});
