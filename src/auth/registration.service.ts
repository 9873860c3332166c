import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { Problem } from '../common/http/problem.js';
import type { Role } from '../common/security/roles.js';
import { AccountsService } from '../users/accounts.service.js';
import type { UserDto } from '../users/dto/user.dto.js';
import { LinksService } from '../users/links.service.js';
import { UsersService } from '../users/users.service.js';
import { InvalidLink } from './auth.problems.js';
import type { Client } from './client.js';
import type { AcceptedDto, EmailDto, LinkDto, RegisterDto } from './dto/auth.dto.js';
import { evenly } from './evenly.js';
import { MailThrottle } from './mail-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';

/** From an e-mail to an account that may sign in. */
@Injectable()
export class RegistrationService {
  private readonly security = new Logger('Security');

  constructor(
    private readonly accounts: AccountsService,
    private readonly users: UsersService,
    private readonly links: LinksService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: MailThrottle,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Makes an account that waits for its e-mail to be verified. An e-mail that has one already gets a mail that says so: the
   * password sent here is not taken over, or a stranger could set it. @throws Problem 422 or 429, whoever's e-mail it is.
   */
  async register({ email, password, name }: RegisterDto, client: Client): Promise<AcceptedDto> {
    await this.throttle.admit(email, client.address);
    await this.policy.check(password, email, '#/password');
    const passwordHash = await this.hasher.hash(password);
    await evenly(() =>
      this.transactions.run(async () => {
        const made = await this.accounts.open({ email, name, roles: ['customer'], passwordHash, verified: false });
        if (made) {
          await this.links.send(made, 'verify-email');
          this.report({ event: 'user_created', userId: made.id });
        } else {
          const account = await this.accounts.findByEmail(email);
          if (account && !account.disabled) await this.links.send(account, 'reset-password', 'already-registered');
        }
      }),
    );
    return { message: 'If the e-mail can be registered, a mail is on its way; follow it to sign in.' };
  }

  /** Notes that whoever has the mail owns the e-mail. @throws Problem 422 for a token that doesn't work. */
  async verifyEmail({ token }: LinkDto): Promise<void> {
    await this.transactions.run(async () => {
      const userId = await this.links.redeem(token, ['verify-email']);
      if (!userId) throw new Problem(InvalidLink, 'Ask for another mail with POST /auth/resend-verification.');
      await this.accounts.markVerified(userId);
      this.report({ event: 'user_updated', userId, members: ['emailVerified'] });
    });
  }

  /** Mails another link to an account that waits for one. @throws Problem 429, whoever's e-mail it is. */
  async resendVerification({ email }: EmailDto, client: Client): Promise<AcceptedDto> {
    await this.throttle.admit(email, client.address);
    await evenly(() =>
      this.transactions.run(async () => {
        const account = await this.accounts.findByEmail(email);
        if (account && !account.verified && !account.disabled && account.passwordHash !== null) {
          await this.links.send(account, 'verify-email');
        }
      }),
    );
    return { message: 'If an account waits for this e-mail to be verified, a mail is on its way.' };
  }

  /** Makes an account that may sign in at once, without a mail: the demo's. @throws Problem 409 when the e-mail is taken. */
  async openVerified(account: { email: string; name: string; roles: Role[]; password: string }): Promise<UserDto> {
    const { password, ...user } = account;
    return this.users.create({ ...user, passwordHash: await this.hasher.hash(password), verified: true });
  }

  private report(event: { event: string } & Record<string, unknown>): void {
    this.transactions.afterCommit(() => {
      this.security.log(event);
    });
  }
}
