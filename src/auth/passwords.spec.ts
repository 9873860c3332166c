import { describe, expect, it, jest } from '@jest/globals';
import { hash, parseOptions } from '@node-rs/argon2';
import { Argon2PasswordHasher, ConcurrencyLimiter, decoyOf, EFFORT } from './passwords.js';

describe('password hashes', () => {
  const hasher = new Argon2PasswordHasher();

  it('are argon2id with 19 MiB, two passes and one lane (OWASP Password Storage)', async () => {
    expect(await hasher.hash('open sesame')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('fit their password alone', async () => {
    const stored = await hasher.hash('open sesame');

    expect(await hasher.verify(stored, 'open sesame')).toBe(true);
    expect(await hasher.verify(stored, 'Open sesame')).toBe(false);
    expect(await hasher.verify(null, 'open sesame')).toBe(false);
  });

  it('take as much work to check where there is none (ASVS 6.3.8)', async () => {
    const checking = jest.spyOn(ConcurrencyLimiter.prototype, 'pass');
    await hasher.verify(null, 'open sesame');
    const checks = checking.mock.calls.length;
    checking.mockRestore();

    expect(checks).toBe(1);
    expect(parseOptions(decoyOf(EFFORT))).toEqual(parseOptions(await hasher.hash('open sesame')));
  });

  it('are made and checked on other threads, so that requests are answered meanwhile', async () => {
    let turns = 0;
    const stored = await hasher.hash('open sesame');
    const work = [(): Promise<unknown> => hasher.hash('open sesame'), () => hasher.verify(stored, 'open sesame')];
    for (const [done, start] of work.entries()) {
      setImmediate(() => turns++);
      await start();

      expect(turns).toBe(done + 1);
    }
  });

  it('read passwords in NFC (NIST SP 800-63B-4 §3.1.1.2)', async () => {
    expect(await hasher.verify(await hasher.hash('café'.normalize('NFD')), 'café'.normalize('NFC'))).toBe(true);
  });

  it('tell when they were made with less effort', async () => {
    expect(hasher.isWeak(await hasher.hash('open sesame'))).toBe(false);
    expect(hasher.isWeak(await hash('open sesame', { memoryCost: 8192, timeCost: 2 }))).toBe(true);
    expect(hasher.isWeak(await hash('open sesame', { memoryCost: 19456, timeCost: 1 }))).toBe(true);
  });
});

describe('ConcurrencyLimiter', () => {
  it('lets no more through at once than there are places, in the order they came', async () => {
    const gate = new ConcurrencyLimiter(2, 10);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const tasks = [1, 2, 3, 4, 5].map((number) =>
      gate.pass(async () => {
        order.push(number);
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
      }),
    );
    await Promise.all(tasks);

    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('goes on after a task that fails', async () => {
    const gate = new ConcurrencyLimiter(1, 10);
    const failing = gate.pass(() => Promise.reject(new Error('no')));
    const next = gate.pass(() => Promise.resolve('yes'));

    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('turns away with 503 when too many wait', async () => {
    const gate = new ConcurrencyLimiter(1, 1);
    const tasks = [1, 2, 3].map(() => gate.pass(() => Promise.resolve('done')));

    expect((await Promise.allSettled(tasks)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
  });
});
