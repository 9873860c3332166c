import { Injectable } from '@nestjs/common';
import { BackgroundWork } from '../common/background/background-work.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { AccountsService } from '../users/accounts.service.js';
import { type LinkPurpose, LinksService } from '../users/links.service.js';
import { InvalidLink } from './auth.errors.js';
import { AuthService } from './auth.service.js';
import type { Client } from './client.js';
import { withConstantDuration } from './constant-duration.js';
import type { AcceptedDto, EmailDto, ResetPasswordDto } from './dto/auth.dto.js';
import { KnownNetworksService } from './known-networks.service.js';
import { LoginThrottle } from './login-throttle.js';
import { MailThrottle } from './mail-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';
import { SessionsService } from './sessions.service.js';

/** The links that a password may be set by: one asked for, or an invitation. */
const PURPOSES: readonly LinkPurpose[] = ['reset-password', 'invite'];

/** Password recovery: by a link that is mailed to the account. */
@Injectable()
export class RecoveryService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly auth: AuthService,
    private readonly links: LinksService,
    private readonly sessions: SessionsService,
    private readonly networks: KnownNetworksService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly logins: LoginThrottle,
    private readonly mails: MailThrottle,
    private readonly background: BackgroundWork,
    private readonly transactions: Transactions,
  ) {}

  /** Mails a link, if there is an account. @throws AppError 429, whether or not there is one. */
  async forgotPassword({ email }: EmailDto, { address }: Client): Promise<AcceptedDto> {
    const isAdmitted = await this.mails.isAllowed(email, address);
    await withConstantDuration(this.background, 'mailing a link for a new password', () =>
      this.transactions.run(async () => {
        const account = await this.accounts.lockByEmail(email);
        if (!account || account.disabled) return;
        if (isAdmitted || (await this.networks.has(account.id, address))) {
          await this.links.send(account, 'reset-password');
        }
      }),
    );
    return { message: 'If there is an account with this e-mail, a mail is on its way.' };
  }

  /**
   * Sets a password by a mailed token, which also shows that the e-mail is theirs. Ends every session and logs nobody in;
   * the network that it comes from is known from here on, so that guesses of others do not keep the owner out.
   * @throws AppError 422 for a token that doesn't work, and for a password that can't be used: then the token still works.
   */
  async resetPassword({ token, password }: ResetPasswordDto, { address }: Client): Promise<void> {
    const userId = await this.links.holderOf(token, PURPOSES);
    const account = userId === undefined ? undefined : await this.accounts.findById(userId);
    if (!account || account.disabled) throw invalidLink();
    await this.policy.check(password, account.email, '#/password');
    const hash = await this.hasher.hash(password);
    await this.transactions.run(async () => {
      if (!(await this.accounts.setPassword(account.id, hash))) throw invalidLink();
      if (!(await this.links.redeem(token, PURPOSES))) throw invalidLink();
      await this.auth.afterPasswordChange(account);
      await this.sessions.endAll(account.id, 'password changed');
      await this.networks.add(account.id, address);
    });
    await this.logins.reset({ email: account.email, address });
  }
}

const invalidLink = (): AppError => new AppError(InvalidLink, 'Ask for another mail with POST /auth/forgot-password.');
