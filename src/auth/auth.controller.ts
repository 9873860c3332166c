import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { BodyLimit } from '../common/http/input/body-limit.js';
import { Limited } from '../common/http/limits/limits.js';
import { Uncompressed } from '../common/http/output/compression.js';
import { About } from '../common/openapi/about.js';
import { Public, SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import {
  AccountDisabled,
  EmailUnverified,
  InvalidCredentials,
  InvalidLink,
  InvalidRefreshToken,
  WrongPassword,
} from './auth.errors.js';
import { Accounts, Refreshing, SigningIn } from './auth.limits.js';
import { AuthService } from './auth.service.js';
import { type Client, CurrentClient } from './client.js';
import {
  AcceptedDto,
  ChangePasswordDto,
  EmailDto,
  LinkDto,
  LoginDto,
  RefreshDto,
  RegisterDto,
  ResetPasswordDto,
  TokensDto,
} from './dto/auth.dto.js';
import { RecoveryService } from './recovery.service.js';
import { RegistrationService } from './registration.service.js';

@About('Getting an account, and signing in and out.')
@Controller('auth')
@BodyLimit(16 * 1024)
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: RegistrationService,
    private readonly recovery: RecoveryService,
  ) {}

  /** Creates an account, and mails the token for POST /auth/verify-email. The answer is the same whether the e-mail is known. */
  @Post('register')
  @HttpCode(202)
  @Public()
  @Limited(Accounts)
  register(@Body() registration: RegisterDto, @CurrentClient() client: Client): Promise<AcceptedDto> {
    return this.registration.register(registration, client);
  }

  /** Verifies an e-mail address with the token that was mailed to it. */
  @Post('verify-email')
  @HttpCode(204)
  @Public()
  @Limited(Accounts)
  @Problems(InvalidLink)
  verifyEmail(@Body() link: LinkDto, @CurrentClient() client: Client): Promise<void> {
    return this.registration.verifyEmail(link, client);
  }

  /** Mails a new token for POST /auth/verify-email; the previous one stops working. */
  @Post('resend-verification')
  @HttpCode(202)
  @Public()
  @Limited(Accounts)
  resendVerification(@Body() whom: EmailDto, @CurrentClient() client: Client): Promise<AcceptedDto> {
    return this.registration.resendVerification(whom, client);
  }

  /** Mails a token for POST /auth/reset-password. The answer is the same whether the e-mail is known. */
  @Post('forgot-password')
  @HttpCode(202)
  @Public()
  @Limited(Accounts)
  forgotPassword(@Body() whom: EmailDto, @CurrentClient() client: Client): Promise<AcceptedDto> {
    return this.recovery.forgotPassword(whom, client);
  }

  /** Sets a new password with a mailed token, also that of an invitation. Ends all sessions, and signs nobody in. */
  @Post('reset-password')
  @HttpCode(204)
  @Public()
  @Limited(Accounts)
  @Problems(InvalidLink)
  resetPassword(@Body() reset: ResetPasswordDto, @CurrentClient() client: Client): Promise<void> {
    return this.recovery.resetPassword(reset, client);
  }

  /** Signs in with e-mail and password, and creates a session. */
  @Post('login')
  @HttpCode(200)
  @Public()
  @Limited(SigningIn)
  @Uncompressed()
  @Problems(InvalidCredentials, EmailUnverified, AccountDisabled)
  login(@Body() credentials: LoginDto, @CurrentClient() client: Client): Promise<TokensDto> {
    return this.auth.login(credentials, client);
  }

  /** Exchanges a refresh token for new tokens. A refresh token works once: if it is used again more than 10 seconds later, the session ends. */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @Limited(Refreshing)
  @Uncompressed()
  @Problems(InvalidRefreshToken)
  refresh(@Body() token: RefreshDto, @CurrentClient() client: Client): Promise<TokensDto> {
    return this.auth.refresh(token, client);
  }

  /** Deletes the current session. Its tokens stop working at once. */
  @Post('logout')
  @HttpCode(204)
  @SignedIn()
  logout(@CurrentCaller() caller: Caller): Promise<void> {
    return this.auth.logout(caller);
  }

  /** Changes the password, ends all other sessions, and mails a notice. */
  @Post('change-password')
  @HttpCode(204)
  @SignedIn()
  @Problems(WrongPassword)
  changePassword(@Body() change: ChangePasswordDto, @CurrentCaller() caller: Caller): Promise<void> {
    return this.auth.changePassword(change, caller);
  }
}
