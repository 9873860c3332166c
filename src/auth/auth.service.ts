import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { Unauthenticated } from '../common/errors/errors.js';
import { normalizeEmail } from '../common/mail/email-address.js';
import { Mailer } from '../common/mail/mailer.js';
import type { Caller } from '../common/security/caller.js';
import { Secrets } from '../common/security/secrets.js';
import { SecurityLog } from '../common/security/security-log.js';
import { type Account, AccountsService } from '../users/accounts.service.js';
import { LinksService } from '../users/links.service.js';
import { ACCESS_TOKEN_LIFETIME, AccessTokens } from './access-tokens.js';
import {
  AccountDisabled,
  EmailUnverified,
  InvalidCredentials,
  InvalidRefreshToken,
  WrongPassword,
} from './auth.errors.js';
import { passwordChangedMail } from './auth.mails.js';
import type { Client } from './client.js';
import type { ChangePasswordDto, LoginDto, RefreshDto, TokensDto } from './dto/auth.dto.js';
import { KnownNetworksService } from './known-networks.service.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordHasher } from './passwords.js';
import { RefreshTokens } from './refresh-tokens.js';
import { type OpenSession, SessionsService } from './sessions.service.js';

/** RFC 9110 §15.5.2: a 401 says how to sign in. */
const CHALLENGE = { challenge: 'Bearer' };

/** Signing in and out with a password. */
@Injectable()
export class AuthService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly links: LinksService,
    private readonly sessions: SessionsService,
    private readonly networks: KnownNetworksService,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
    private readonly transactions: Transactions,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly security: SecurityLog,
    private readonly config: Config,
  ) {}

  /**
   * Signs in with e-mail and password, and creates a session. What else is wrong is said only to a client that sends the right password.
   * @throws AppError 401, 403 or 429.
   */
  async login(credentials: LoginDto, client: Client): Promise<TokensDto> {
    const { email, password } = credentials;
    const account = await this.accounts.findByEmail(email);
    const hash = account?.passwordHash ?? null;
    if (!(await this.isRight(account, credentials, client)) || !account || hash === null) {
      throw new AppError(InvalidCredentials, 'There is no account with this e-mail and password.', CHALLENGE);
    }
    if (account.disabled) {
      this.loginFailed(account.id, 'disabled', client);
      throw new AppError(AccountDisabled, 'An administrator has closed this account.');
    }
    if (!account.verified) {
      this.loginFailed(account.id, 'unverified', client);
      throw new AppError(EmailUnverified, 'Follow the mail that came when you registered.');
    }

    const tokens = await this.signIn(account.id, client, hash);
    // The password or the account changed while the old one was being checked: look again.
    if (!tokens) return this.login(credentials, client);
    if (this.hasher.isWeak(hash)) await this.accounts.replaceHash(account.id, hash, await this.hasher.hash(password));
    return tokens;
  }

  /**
   * Opens a session for a user who is authenticated, by any method.
   * @returns undefined when they may not sign in any more, or `passwordHash` is given and no longer theirs.
   */
  async signIn(userId: string, client: Client, passwordHash?: string): Promise<TokensDto | undefined> {
    const session = await this.sessions.open(userId, client, passwordHash);
    if (!session) return undefined;
    const { sessionId } = session;
    this.security.report({ event: 'authn_login_success', userId, sessionId, address: client.address });
    return this.tokens(session);
  }

  /** Exchanges a refresh token for new tokens. @throws AppError 401; a token that was used before ends its session. */
  async refresh({ refreshToken }: RefreshDto, client: Client): Promise<TokensDto> {
    const token = this.refreshTokens.decode(refreshToken);
    const refreshed = token && (await this.sessions.refresh(token, client));
    if (!refreshed) throw new AppError(InvalidRefreshToken, 'Log in again.', CHALLENGE);
    return this.tokens(refreshed);
  }

  /** Signs out, from the next request on. */
  async logout(caller: Caller): Promise<void> {
    await this.sessions.endThis(caller, 'logout');
    this.security.report({ event: 'session_ended', userId: caller.userId, sessionId: caller.sessionId });
  }

  /**
   * Changes the password, which needs the current one: ends the other sessions and voids the links that are under way.
   * @throws AppError 401, 422 or 429.
   */
  async changePassword(change: ChangePasswordDto, caller: Caller): Promise<void> {
    const account = await this.accounts.findById(caller.userId);
    const checked = account?.passwordHash ?? null;
    if (!(await this.isCurrent(checked, change.currentPassword, caller)) || !account || checked === null) {
      throw new AppError(WrongPassword, 'The current password is wrong.', {
        errors: [{ pointer: '#/currentPassword', code: 'password_wrong', detail: 'is not your password' }],
      });
    }
    await this.policy.check(change.newPassword, account.email, '#/newPassword');
    const hash = await this.hasher.hash(change.newPassword);
    const changed = await this.transactions.run(async () => {
      if (!(await this.accounts.replaceHash(account.id, checked, hash))) return false;
      if (!(await this.sessions.isLive(caller))) throw sessionEnded();
      await this.afterPasswordChange(account);
      await this.sessions.endOthers(caller, 'password changed');
      return true;
    });
    if (changed) return;
    // The password or the account changed while the old one was being checked: look again.
    if (!(await this.sessions.isLive(caller))) throw sessionEnded();
    await this.changePassword(change, caller);
  }

  /** What follows in the transaction of each new password: links that are under way are void, and the owner is notified. */
  async afterPasswordChange({ id, email }: Account): Promise<void> {
    await this.links.revokeAll(id);
    this.security.report({ event: 'authn_password_change', userId: id });
    await this.mailer.send(passwordChangedMail(email, this.config));
  }

  /** Whether the password is the account's, counted and slowed down. @throws AppError 429. */
  private async isRight(
    account: Account | undefined,
    { email, password }: LoginDto,
    { address }: Client,
  ): Promise<boolean> {
    const attempt = { email, address, isKnown: () => this.networks.has(account?.id, address) };
    await this.throttle.assertAllowed(attempt);
    const right = await this.hasher.verify(account?.passwordHash ?? null, password);
    await this.throttle.assertAllowed(attempt);
    if (right) await this.throttle.reset(attempt);
    else {
      const pseudonym = this.secrets.pseudonym('log', normalizeEmail(email));
      this.security.warn({ event: 'authn_login_fail', account: pseudonym, address });
      await this.throttle.failed(attempt);
    }
    return right;
  }

  /** Whether the password is the one of the user who is signed in: counted by session, so that nobody else's tries matter. */
  private async isCurrent(hash: string | null, password: string, { userId, sessionId }: Caller): Promise<boolean> {
    await this.throttle.assertSessionAllowed(sessionId);
    const right = await this.hasher.verify(hash, password);
    await this.throttle.assertSessionAllowed(sessionId);
    if (right) await this.throttle.forgiveSession(sessionId);
    else {
      this.security.warn({ event: 'authn_password_change_fail', userId, sessionId });
      await this.throttle.sessionFailed(sessionId);
    }
    return right;
  }

  /** The right password, and yet no session. */
  private loginFailed(userId: string, reason: string, { address }: Client): void {
    this.security.warn({ event: 'authn_login_fail', userId, reason, address });
  }

  private tokens({ userId, sessionId, refreshToken }: OpenSession): TokensDto {
    return {
      accessToken: this.accessTokens.mint(userId, sessionId),
      tokenType: 'Bearer',
      expiresIn: ACCESS_TOKEN_LIFETIME,
      refreshToken,
    };
  }
}

const sessionEnded = (): AppError =>
  new AppError(Unauthenticated, 'Your session has ended in the meantime.', {
    challenge: 'Bearer error="invalid_token"',
  });
