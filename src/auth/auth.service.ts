import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { Problem } from '../common/http/problem.js';
import { Mailer } from '../common/mail/mailer.js';
import type { Caller } from '../common/security/caller.js';
import { Secrets } from '../common/security/secrets.js';
import { type Account, AccountsService } from '../users/accounts.service.js';
import { LinksService } from '../users/links.service.js';
import { ACCESS_TOKEN_LIFETIME, AccessTokens } from './access-tokens.js';
import { passwordChangedMail } from './auth.mails.js';
import {
  AccountDisabled,
  EmailUnverified,
  InvalidCredentials,
  InvalidRefreshToken,
  WrongPassword,
} from './auth.problems.js';
import type { Client } from './client.js';
import type { ChangePasswordDto, LoginDto, RefreshDto, TokensDto } from './dto/auth.dto.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';
import { type RefreshToken, RefreshTokens } from './refresh-tokens.js';
import { SessionsService } from './sessions.service.js';

/** RFC 9110 §15.5.2: a 401 says how to sign in. */
const CHALLENGE = { headers: { 'www-authenticate': 'Bearer' } };

/** Signing in and out with a password. */
@Injectable()
export class AuthService {
  private readonly security = new Logger('Security');

  constructor(
    private readonly accounts: AccountsService,
    private readonly links: LinksService,
    private readonly sessions: SessionsService,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
    private readonly transactions: Transactions,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  /**
   * Signs in by e-mail and password. What is wrong is told to whoever knows the password alone.
   * @throws Problem 401, 403 or 429.
   */
  async login(credentials: LoginDto, client: Client): Promise<TokensDto> {
    const { email, password } = credentials;
    const account = await this.accounts.findByEmail(email);
    const hash = account?.passwordHash ?? null;
    if (!(await this.isRight(hash, password, email, client)) || !account || hash === null) {
      throw new Problem(InvalidCredentials, 'There is no account with this e-mail and password.', CHALLENGE);
    }
    if (account.disabled) throw new Problem(AccountDisabled, 'An administrator has closed this account.');
    if (!account.verified) throw new Problem(EmailUnverified, 'Follow the mail that came when you registered.');

    const tokens = await this.signIn(account.id, client, hash);
    // The password or the account changed while the old one was being checked: look again.
    if (!tokens) return this.login(credentials, client);
    if (this.hasher.isWeak(hash)) await this.accounts.renewHash(account.id, hash, await this.hasher.hash(password));
    return tokens;
  }

  /**
   * Opens a session for a user who has shown who they are, by whatever means.
   * @returns undefined when they may not sign in any more, or `passwordHash` is given and no longer theirs.
   */
  async signIn(userId: string, client: Client, passwordHash?: string): Promise<TokensDto | undefined> {
    const token = await this.sessions.open(userId, client, passwordHash);
    if (!token) return undefined;
    this.transactions.afterCommit(() => {
      this.security.log({ event: 'authn_login_success', userId, sessionId: token.sessionId, address: client.address });
    });
    return this.tokens(userId, token);
  }

  /** Exchanges a refresh token for new tokens. @throws Problem 401; a token that was used before ends its session. */
  async refresh({ refreshToken }: RefreshDto, client: Client): Promise<TokensDto> {
    const token = this.refreshTokens.open(refreshToken);
    const refreshed = token && (await this.sessions.refresh(token, client));
    if (!refreshed) throw new Problem(InvalidRefreshToken, 'Log in again.', CHALLENGE);
    return this.tokens(refreshed.userId, refreshed.token);
  }

  /** Signs out, from the next request on. */
  async logout(caller: Caller): Promise<void> {
    await this.sessions.endThis(caller, 'logout');
    this.security.log({ event: 'session_ended', userId: caller.userId, sessionId: caller.sessionId });
  }

  /**
   * Changes the password, which needs the present one: ends the other sessions and voids the links that are under way.
   * @throws Problem 422 or 429.
   */
  async changePassword(change: ChangePasswordDto, caller: Caller, client: Client): Promise<void> {
    const account = await this.accounts.findById(caller.userId);
    if (!account || !(await this.isRight(account.passwordHash, change.currentPassword, account.email, client))) {
      throw new Problem(WrongPassword, 'The current password is wrong.', {
        errors: [{ pointer: '#/currentPassword', code: 'password_wrong', detail: 'is not your password' }],
      });
    }
    await this.policy.check(change.newPassword, account.email, '#/newPassword');
    const hash = await this.hasher.hash(change.newPassword);
    await this.transactions.run(async () => {
      await this.replacePassword(account, hash);
      await this.sessions.endOthers(caller, 'password changed');
    });
  }

  /** Sets a password for an account and voids the links that are under way; sends the notice. Sessions are the caller's affair. */
  async replacePassword({ id, email }: Account, hash: string): Promise<void> {
    await this.accounts.setPassword(id, hash);
    await this.links.revokeAll(id);
    this.transactions.afterCommit(() => {
      this.mailer.send(passwordChangedMail(email, this.config.publicUrl));
      this.security.log({ event: 'authn_password_change', userId: id });
    });
  }

  /** Whether the password is right, counted and slowed down. @throws Problem 429. */
  private async isRight(hash: string | null, password: string, email: string, client: Client): Promise<boolean> {
    await this.throttle.admit(email, client.address);
    const right = await this.hasher.verify(hash, password);
    await this.throttle.admit(email, client.address);
    if (right) {
      await this.throttle.forgive(email);
    } else {
      const account = this.secrets.pseudonym('log', email);
      this.security.warn({ event: 'authn_login_fail', account, address: client.address });
      await this.throttle.failed(email, client.address);
    }
    return right;
  }

  private tokens(userId: string, token: RefreshToken): TokensDto {
    return {
      accessToken: this.accessTokens.mint(userId, token.sessionId),
      tokenType: 'Bearer',
      expiresIn: ACCESS_TOKEN_LIFETIME,
      refreshToken: this.refreshTokens.seal(token),
    };
  }
}
