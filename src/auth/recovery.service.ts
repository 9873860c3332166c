import { Injectable } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { Problem } from '../common/http/problem.js';
import { AccountsService } from '../users/accounts.service.js';
import { type LinkPurpose, LinksService } from '../users/links.service.js';
import { InvalidLink } from './auth.problems.js';
import { AuthService } from './auth.service.js';
import type { Client } from './client.js';
import type { AcceptedDto, EmailDto, ResetPasswordDto } from './dto/auth.dto.js';
import { evenly } from './evenly.js';
import { LoginThrottle } from './login-throttle.js';
import { MailThrottle } from './mail-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';
import { SessionsService } from './sessions.service.js';

/** The links that a password may be set by: one asked for, or an invitation. */
const PURPOSES: readonly LinkPurpose[] = ['reset-password', 'invite'];

/** The way back in, for whoever reads the account's mail. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly auth: AuthService,
    private readonly links: LinksService,
    private readonly sessions: SessionsService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly logins: LoginThrottle,
    private readonly mails: MailThrottle,
    private readonly transactions: Transactions,
  ) {}

  /** Mails a link, if there is an account. @throws Problem 429, whoever's e-mail it is. */
  async forgotPassword({ email }: EmailDto, client: Client): Promise<AcceptedDto> {
    await this.mails.admit(email, client.address);
    await evenly(() =>
      this.transactions.run(async () => {
        const account = await this.accounts.findByEmail(email);
        if (account && !account.disabled) await this.links.send(account, 'reset-password');
      }),
    );
    return { message: 'If there is an account with this e-mail, a mail is on its way.' };
  }

  /**
   * Sets a password by a mailed token, which also shows that the e-mail is theirs. Ends every session and logs nobody in.
   * @throws Problem 422 for a token that doesn't work, and for a password that can't be used: then the token still works.
   */
  async resetPassword({ token, password }: ResetPasswordDto): Promise<void> {
    const userId = await this.links.holderOf(token, PURPOSES);
    const account = userId === undefined ? undefined : await this.accounts.findById(userId);
    if (!account) throw invalidLink();
    await this.policy.check(password, account.email, '#/password');
    const hash = await this.hasher.hash(password);
    await this.transactions.run(async () => {
      if (!(await this.links.redeem(token, PURPOSES))) throw invalidLink();
      await this.auth.replacePassword(account, hash);
      await this.accounts.markVerified(account.id);
      await this.sessions.endAll(account.id, 'password changed');
    });
    await this.logins.forgive(account.email);
  }
}

const invalidLink = (): Problem => new Problem(InvalidLink, 'Ask for another mail with POST /auth/forgot-password.');
