import { Injectable } from '@nestjs/common';
import { BackgroundWork } from '../common/background/background-work.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import type { Role } from '../common/security/roles.js';
import { SecurityLog } from '../common/security/security-log.js';
import { AccountsService, type NewUser } from '../users/accounts.service.js';
import type { UserDto } from '../users/dto/user.dto.js';
import { type LinkPurpose, LinksService } from '../users/links.service.js';
import { UsersService } from '../users/users.service.js';
import { InvalidLink } from './auth.errors.js';
import type { Client } from './client.js';
import { withConstantDuration } from './constant-duration.js';
import type { AcceptedDto, EmailDto, LinkDto, RegisterDto } from './dto/auth.dto.js';
import { KnownNetworksService } from './known-networks.service.js';
import { MailThrottle } from './mail-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';

const VERIFYING: readonly LinkPurpose[] = ['verify-email'];

/** From an e-mail to an account that may sign in. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly users: UsersService,
    private readonly links: LinksService,
    private readonly networks: KnownNetworksService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: MailThrottle,
    private readonly background: BackgroundWork,
    private readonly transactions: Transactions,
    private readonly security: SecurityLog,
  ) {}

  /**
   * Creates an account that waits for its e-mail to be verified. A registration that nobody has verified is replaced, and its
   * link stops working: each link belongs to the registration that it was mailed for. An e-mail that has a verified account gets
   * a mail that says so: the password sent here is not taken over, or a stranger could set it.
   * @throws AppError 422 or 429, whether or not there is an account.
   */
  async register({ email, password, name }: RegisterDto, { address }: Client): Promise<AcceptedDto> {
    const isAdmitted = await this.throttle.isAllowed(email, address);
    await this.policy.check(password, email, '#/password');
    const passwordHash = await this.hasher.hash(password);
    await withConstantDuration(this.background, 'registering an account', () =>
      this.transactions.run(async () => {
        if (isAdmitted) await this.openOrNotify({ email, name, roles: ['customer'], passwordHash, verified: false });
      }),
    );
    return { message: 'If the e-mail can be registered, a mail is on its way; follow it to sign in.' };
  }

  /** Records that the person who has the mail owns the e-mail. @throws AppError 422 for a token that doesn't work. */
  async verifyEmail({ token }: LinkDto, { address }: Client): Promise<void> {
    const userId = await this.links.holderOf(token, VERIFYING);
    if (userId === undefined) throw invalidLink();
    await this.transactions.run(async () => {
      await this.accounts.markVerified(userId);
      if (!(await this.links.redeem(token, VERIFYING))) throw invalidLink();
      await this.networks.add(userId, address);
      this.security.report({ event: 'user_updated', userId, members: ['emailVerified'] });
    });
  }

  /** Mails another link to an account that waits for one. @throws AppError 429, whether or not there is one. */
  async resendVerification({ email }: EmailDto, { address }: Client): Promise<AcceptedDto> {
    const isAdmitted = await this.throttle.isAllowed(email, address);
    await withConstantDuration(this.background, 'mailing a link to verify an e-mail', () =>
      this.transactions.run(async () => {
        const account = await this.accounts.lockByEmail(email);
        if (isAdmitted && account && !account.verified && !account.disabled && account.passwordHash !== null) {
          await this.links.send(account, 'verify-email');
        }
      }),
    );
    return { message: 'If an account waits for this e-mail to be verified, a mail is on its way.' };
  }

  /** Creates an account that may sign in at once, without a mail: the demo's. @throws AppError 409 when the e-mail is taken. */
  async openVerified(account: { email: string; name: string; roles: Role[]; password: string }): Promise<UserDto> {
    const { password, ...user } = account;
    return this.users.create({ ...user, passwordHash: await this.hasher.hash(password), verified: true });
  }

  private async openOrNotify(registration: NewUser): Promise<void> {
    const created = await this.accounts.open(registration);
    if (created) {
      if (created.replaced) await this.links.revokeAll(created.id);
      await this.links.send(created, 'verify-email', created.replaced ? 'registered-again' : 'verify-email');
      this.security.report({ event: 'user_created', userId: created.id, replaced: created.replaced });
      return;
    }
    const account = await this.accounts.lockByEmail(registration.email);
    if (account && !account.disabled) await this.links.send(account, 'reset-password', 'already-registered');
  }
}

const invalidLink = (): AppError =>
  new AppError(InvalidLink, 'Ask for another mail with POST /auth/resend-verification.');
