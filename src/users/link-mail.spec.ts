import { describe, expect, it } from '@jest/globals';
import { linkMail, type Occasion } from './link-mail.js';

const textOf = (occasion: Occasion, webUrl?: string): string =>
  linkMail({
    to: 'ada@example.com',
    occasion,
    token: 'a-token',
    pages: { publicUrl: 'https://api.shop.example', webUrl },
  }).text;

describe('the mail with a one-time token', () => {
  it.each([
    ['verify-email', 'verify-email'],
    ['registered-again', 'verify-email'],
    ['reset-password', 'reset-password'],
    ['invite', 'reset-password'],
    ['already-registered', 'reset-password'],
  ] as const)('of %s leads to the page %s of the shop, and nowhere else', (occasion, page) => {
    const text = textOf(occasion, 'https://shop.example/account');

    expect(text.match(/https?:\S+/g)).toEqual([`https://shop.example/account/${page}?token=a-token`]);
    expect(text).not.toMatch(/curl|POST/);
  });

  it('says how to use the token in /docs when the shop has no pages', () => {
    expect(textOf('verify-email')).toContain('POST /api/v1/auth/verify-email with {"token":"a-token"}');
    expect(textOf('verify-email')).toContain('https://api.shop.example/docs#/Auth/authVerifyEmail\n');
    expect(textOf('invite')).toContain(
      'POST /api/v1/auth/reset-password with {"token":"a-token","password":"YOUR PASSWORD"}',
    );
    expect(textOf('invite')).not.toContain('curl');
  });

  it('says how long an invitation waits', () => {
    expect(textOf('invite')).toContain('within 7 days');
  });
});
