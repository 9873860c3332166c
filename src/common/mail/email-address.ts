import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail, MaxLength, ValidateBy } from 'class-validator';

/** RFC 5321 §4.5.3.1.1, and RFC 3696 erratum 1690: in bytes. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;

/** The domain of the pseudonyms of erased users. Nobody registers there; `.invalid` resolves nowhere (RFC 6761 §6.4). */
export const ERASED_DOMAIN = 'erased.invalid';

/** An atom and its dots (RFC 5322 §3.2.3), with letters of any alphabet (RFC 6531); no quoted strings. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** Spaces, controls, half surrogates, and letters and marks that show nothing: U+3164, U+034F, U+FE0F and their like. */
const INVISIBLE = /[\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * The one form in which an e-mail address is stored, looked up, counted and mailed: lower case, NFC, the domain in
 * Unicode as IDNA maps it (`xn--bcher-kva.example` and `BÜCHER.example` are `bücher.example`).
 */
export function normalizeEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return `${folded(email.slice(0, at))}@${domainToUnicode(domainToASCII(email.slice(at + 1))) || folded(email.slice(at + 1))}`;
}

/**
 * Whether the text is an e-mail address that a user may have. What passes is sent by SMTP, stored by PostgreSQL and written
 * into JSON and XML as one and the same text: visible characters only, nothing to quote or escape.
 */
export function isEmailAddress(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_ADDRESS || INVISIBLE.test(value)) return false;
  const at = value.lastIndexOf('@');
  if (!LOCAL_PART.test(value.slice(0, at)) || !DOMAIN.test(value.slice(at + 1))) return false;
  const normal = normalizeEmail(value);
  const [local = '', domain = ''] = normal.split('@');
  const sent = `${local}@${domainToASCII(domain)}`;
  return (
    normalizeEmail(normal) === normal &&
    Buffer.byteLength(local) <= MAX_LOCAL_PART &&
    Buffer.byteLength(normal) <= MAX_ADDRESS &&
    Buffer.byteLength(sent) <= MAX_ADDRESS &&
    isEmail(sent, { blacklisted_chars: '"' }) &&
    domain !== ERASED_DOMAIN &&
    !domain.endsWith(`.${ERASED_DOMAIN}`)
  );
}

/** The rule of every e-mail address that comes in: {@link isEmailAddress}. */
export function IsEmailAddress(): PropertyDecorator {
  const rules = [
    ValidateBy({
      name: 'isEmail',
      validator: {
        validate: isEmailAddress,
        defaultMessage: () => '$property must be an e-mail address such as ada@example.com, without spaces or quotes',
      },
    }),
    MaxLength(MAX_ADDRESS),
  ];
  return (target, property) => {
    for (const rule of rules) rule(target, property);
  };
}

/**
 * The mailbox behind an address: without a subaddress (RFC 5233), so that `ada+1@…` and `ada+2@…` are one. Only for counting
 * mails: they are different accounts.
 */
export function mailboxOf(email: string): string {
  const [local = '', domain = ''] = normalizeEmail(email).split('@');
  return `${local.replace(/(?<=.)\+.*$/u, '')}@${domain}`;
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');
