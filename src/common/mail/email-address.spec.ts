import { describe, expect, it } from '@jest/globals';
import { isEmailAddress, mailboxOf, normalizeEmail } from './email-address.js';

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada.Lovelace+shop@Example.COM', 'ada.lovelace+shop@example.com'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['jürgen@example.com', 'jürgen@example.com'],
    ['ju\u0308rgen@example.com', 'jürgen@example.com'],
    ['ΣΊΣΥΦΟΣ@example.gr', 'σίσυφος@example.gr'],
    ['用户@例子.广告', '用户@例子.广告'],
    ['ada@BÜCHER.example', 'ada@bücher.example'],
    ['ada@xn--bcher-kva.example', 'ada@bücher.example'],
    ['\u212Aate@example.com', 'kate@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%j is stored as %j, and that stays as it is', (written, stored) => {
    expect(isEmailAddress(written)).toBe(true);
    expect(normalizeEmail(written)).toBe(stored);
    expect(isEmailAddress(stored)).toBe(true);
    expect(normalizeEmail(stored)).toBe(stored);
  });

  const INVISIBLE = [
    ...Array.from(
      '\u0000\u0009\u000a\u000d\u001b\u007f\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u180e\u2000\u2009',
    ),
    ...Array.from(
      '\u200b\u200c\u200d\u200e\u2028\u2029\u202a\u202e\u202f\u205f\u2060\u2066\u2800\u3000\u3164\ufe0f\ufeff\uffa0\ufff9',
    ),
    ...['\ud800', '\udc00', '\u{e0001}', '\u{e0041}', '\u{1d173}', '\ue000', '\uffff', ' '],
  ];

  it.each(INVISIBLE.map((character) => [`U+${(character.codePointAt(0) ?? 0).toString(16)}`, character]))(
    'has no %s, wherever it stands',
    (_, character) => {
      const written = [
        `${character}ada@example.com`,
        `a${character}da@example.com`,
        `ada${character}@example.com`,
        `ada@${character}example.com`,
        `ada@exam${character}ple.com`,
        `ada@example.com${character}`,
      ];

      expect(written.filter(isEmailAddress)).toEqual([]);
    },
  );

  it.each([
    ['nothing', ''],
    ['no text', 7],
    ['no @', 'ada'],
    ['two of them', 'ada@home@example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['no dot in the domain', 'ada@localhost'],
    ['a dot at the end', 'ada@example.com.'],
    ['dots in a row', 'a..da@example.com'],
    ['a dot at the front', '.ada@example.com'],
    ['a quoted string', '"ada"@example.com'],
    ['quotes around all', '"ada@example.com"'],
    ['a name', 'Ada <ada@example.com>'],
    ['brackets', '<ada@example.com>'],
    ['a comment', 'ada(home)@example.com'],
    ['a list', 'ada@example.com,eve@example.com'],
    ['a list of the other kind', 'ada@example.com;eve@example.com'],
    ['a route', '@evil.example:ada@example.com'],
    ['a backslash', 'a\\da@example.com'],
    ['an address as the domain', 'ada@[127.0.0.1]'],
    ['an address without brackets', 'ada@127.0.0.1'],
    ['a percent sign in the domain', 'ada@ex%61mple.com'],
    ['a wide dot', 'ada@example\uff0ecom'],
    ['an ideographic full stop', 'ada@example\u3002com'],
    ['a wide @', 'ada\uff20example.com'],
    ['a label that begins with a hyphen', 'ada@-example.com'],
    ['a label that begins with a mark', 'ada@\u0308example.com'],
    ['65 bytes before the @', `${'a'.repeat(65)}@example.com`],
    ['33 letters of two bytes before the @', `${'é'.repeat(33)}@example.com`],
    ['255 characters', `ada@${'a'.repeat(61)}.${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(61)}.com`],
    ['a domain that is too long as it is sent', `ada@${'ü'.repeat(60)}.${'ü'.repeat(60)}.example`],
    ['the domain of those who were erased', 'erased-0198f3c2@erased.invalid'],
    ['the same in other letters', 'ada@ERASED.Invalid'],
    ['a part of that domain', 'ada@mail.erased.invalid'],
  ])('is not %s', (_, written) => {
    expect(isEmailAddress(written)).toBe(false);
  });
});

describe('the mailbox of an address', () => {
  it.each([
    ['ada+1@example.com', 'ada@example.com'],
    ['ADA+shop+2@example.com', 'ada@example.com'],
    ['+ada@example.com', '+ada@example.com'],
    ['ada@example.com', 'ada@example.com'],
  ])('%s is %s', (email, mailbox) => {
    expect(mailboxOf(email)).toBe(mailbox);
  });
});
