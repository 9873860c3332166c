import { describe, expect, it } from '@jest/globals';
import { linkMail } from './link-mail.js';

const mailOf = (occasion: Parameters<typeof linkMail>[0]['occasion']): ReturnType<typeof linkMail> =>
  linkMail({ to: 'ada@example.com', occasion, token: 'a-token', publicUrl: 'https://shop.example' });

describe('the mail with a one-time token', () => {
  it('says which call to make, and how to make it in a terminal', () => {
    expect(mailOf('verify-email').text).toContain('POST /api/v1/auth/verify-email with {"token":"a-token"}');
    expect(mailOf('verify-email').text).toContain(
      `curl -X POST https://shop.example/api/v1/auth/verify-email -H 'content-type: application/json' -d '{"token":"a-token"}'`,
    );
  });

  it.each(['reset-password', 'invite', 'already-registered'] as const)(
    'of %s leads to setting a password',
    (occasion) => {
      expect(mailOf(occasion).text).toContain(
        'POST /api/v1/auth/reset-password with {"token":"a-token","password":"YOUR PASSWORD"}',
      );
    },
  );

  it('says how long an invitation waits', () => {
    expect(mailOf('invite').text).toContain('within 7 days');
  });
});
