import { describe, expect, it } from '@jest/globals';
import { cpuTimeOf } from '../../test/support/cpu-time.js';
import { PasswordPolicy } from './password-policy.js';

const policy = new PasswordPolicy();
const codesOf = async (password: string, email = 'ada@example.com'): Promise<string[]> =>
  (await policy.faultsOf(password, email)).map(({ code }) => code);

describe('the password policy', () => {
  it.each([
    'open sesame, little shop',
    'seven herons over the pier',
    'four herons, battery, staple',
    'my-secret-password-1',
    '48-mike-3391-7720-51',
    '          x          7',
    '🦩🦩🐚 flamingos at dawn 🌅',
    'x9!Kq2#Lw8$Mz5&Np1',
    'Ελλάδα μου, καλημέρα',
  ])('takes %j: no rules of composition (NIST SP 800-63B-4 §3.1.1.2)', async (password) => {
    expect(await codesOf(password)).toEqual([]);
  });

  it.each([
    'passwordpassword',
    'PasswordPassword1',
    'P@ssw0rdP@ssw0rd',
    'p@$$w0rd12345678',
    '123456789012345',
    '111111111111111',
    'qwertyuiopasdfgh',
    '1q2w3e4r5t6y7u8i',
    'iloveyou12345678',
    'letmeinletmeinletmein',
    'abcdefghijklmnop',
    'a'.repeat(128),
    'password'.repeat(16),
    'Password123456789!',
    '!!Password!!2026!!',
    'Summer2026!Summer',
    '1q2w3e4r5t6y7u8i9o',
    'Administrator2024!!',
    'correct horse battery staple',
    'Correct-Horse-Battery-Staple1',
    'CorrectHorseBatteryStaple',
    'my correct horse battery staple',
    'To be, or not to be',
    'The quick brown fox 1',
    'May the force be with you!',
  ])('refuses %j, which stands on the lists or is made of what does (ASVS 6.2.4, 6.2.12)', async (password) => {
    expect(await codesOf(password)).toEqual(['password_breached']);
  });

  it.each([
    'the stockroom is mine',
    'STOCKROOM of my own',
    '5t0ckr00m of my own',
    'at ada.lovelace’s desk',
    'Ada.Lovelace 1815-1852',
  ])('refuses %j, which has the name of the shop or of the e-mail in it (ASVS 6.2.11)', async (password) => {
    expect(await codesOf(password, 'ada.lovelace@example.com')).toEqual(['password_context']);
  });

  it('lets a local part of three letters be part of a password', async () => {
    expect(await codesOf('seven herons, canada', 'ada@example.com')).toEqual([]);
  });

  it('counts characters, not bytes or code units', async () => {
    expect(await codesOf('🦩🐚🌅🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅')).toEqual(['minLength']);
    expect(await codesOf('🦩🐚🌅🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆')).toEqual([]);
    expect(await codesOf('🦩🐚🌅🐙🦑🐡🐠🐟'.repeat(16))).not.toContain('maxLength');
  });

  it('counts them in NFC', async () => {
    expect(await codesOf('éèêëéèêëéèêëéè'.normalize('NFD'))).toEqual(['minLength']);
  });

  it('refuses 129 characters, and takes 128', async () => {
    const words = 'herons over the pier, seven at a time, '.repeat(4);

    expect(await codesOf(words.slice(0, 129))).toEqual(['maxLength']);
    expect(await codesOf(words.slice(0, 128))).toEqual([]);
  });

  it('keeps the event loop for milliseconds only, with any password', async () => {
    const costly = ['a@4$5s', '4$1!|07+', '4$w0d', '@$|!03', '20012002199012311999', 'aAbBcC4$'].map((text) =>
      text.repeat(128).slice(0, 128),
    );
    for (const password of costly) await policy.faultsOf(password, 'ada@example.com');

    for (const password of costly) {
      // milliseconds; unbounded it is more than 100
      expect(await cpuTimeOf(() => policy.faultsOf(password, 'ada@example.com'), 40)).toBeLessThan(40);
    }
  });
});
