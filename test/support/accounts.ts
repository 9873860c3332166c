import { AuthService } from '../../src/auth/auth.service.js';
import type { TokensDto } from '../../src/auth/dto/auth.dto.js';
import { PasswordHasher } from '../../src/auth/passwords.js';
import { BackgroundWork } from '../../src/common/background/background-work.js';
import { EventRelay } from '../../src/common/events/event-relay.js';
import { JobRunner } from '../../src/common/jobs/job-runner.js';
import { type Mail, Mailbox, MailTransport } from '../../src/common/mail/mailer.js';
import type { Role } from '../../src/common/security/roles.js';
import { UsersService } from '../../src/users/users.service.js';
import type { Shop } from './shop.js';

/** What every account of {@link openAccount} signs in with. */
export const PASSWORD = 'open sesame, little shop';

/** Somebody who is signed in. */
export interface Account {
  id: string;
  email: string;
  /** The access token. */
  token: string;
  refreshToken: string;
}

let hash: Promise<string> | undefined;
let accounts = 0;

/** Makes an account with a verified e-mail, and signs it in. Goes through the services, so that no limit of HTTP is met. */
export async function openAccount(shop: Pick<Shop, 'app'>, role: Role): Promise<Account> {
  // hashing is slow on purpose: once a process is enough
  hash ??= shop.app.get(PasswordHasher).hash(PASSWORD);
  const { id, email } = await shop.app.get(UsersService).create({
    email: `${role}-${String(++accounts)}@accounts.test`,
    name: `${role} ${String(accounts)}`,
    roles: [role],
    passwordHash: await hash,
    verified: true,
  });
  const { accessToken, refreshToken } = await openSession(shop, id);
  return { id, email, token: accessToken, refreshToken };
}

/** The tokens of a new session of somebody who may sign in. */
export async function openSession(shop: Pick<Shop, 'app'>, userId: string): Promise<TokensDto> {
  const tokens = await shop.app.get(AuthService).signIn(userId, { address: '127.0.0.1', userAgent: 'tests' });
  if (!tokens) throw new Error(`${userId} may not sign in`);
  return tokens;
}

/** The access token of a fresh account. */
export async function signIn(shop: Shop, role: Role): Promise<string> {
  return (await openAccount(shop, role)).token;
}

/** Resolves when the shop has done what no request waits for: it has handled its events, and its jobs, mails included. */
export async function settled(shop: Pick<Shop, 'app'>): Promise<void> {
  const relay = shop.app.get(EventRelay);
  // jobs announce events, and handlers of events enqueue jobs
  do {
    await shop.app.get(BackgroundWork).idle();
    await relay.idle();
    await shop.app.get(JobRunner).idle();
  } while (!relay.isIdle);
}

/** The mails to somebody, as they would have been sent, the latest first. */
export function mailsTo(shop: Shop, email: string): Mail[] {
  const mailer = shop.app.get(MailTransport);
  return mailer instanceof Mailbox ? mailer.mails.filter(({ to }) => to === email) : [];
}

/** The latest mail to somebody, as it would have been sent. */
export function mailTo(shop: Shop, email: string): Mail {
  const [mail] = mailsTo(shop, email);
  if (!mail) throw new Error(`no mail was sent to ${email}`);
  return mail;
}

/** The one-time token that a mail brings. */
export function tokenIn(mail: Mail): string {
  const [, token] = /"token":"([\w-]{43})"/.exec(mail.text) ?? [];
  if (!token) throw new Error(`there is no token in "${mail.subject}"`);
  return token;
}
