import { IsString, Matches, Max, MaxLength, MinLength } from 'class-validator';
import { IsEmailAddress } from '../../common/mail/email-address.js';

/** Somebody's e-mail. */
export class EmailDto {
  /** @example ada@example.com */
  @IsEmailAddress()
  email: string;
}

/** Who wants an account. */
export class RegisterDto extends EmailDto {
  /**
   * 15 to 128 characters of any kind; a few unrelated words do well.
   * @example "seven herons over the pier"
   */
  @IsString()
  @MinLength(15)
  @MaxLength(128)
  password: string;

  /** @example "Ada Lovelace" */
  @IsString()
  @MaxLength(100)
  @Matches(/^(?=.*\S)\P{Cc}+$/u, { message: 'name must be a line of text' })
  name: string;
}

/** What a mail brought. */
export class LinkDto {
  /** @example b1Jm0cXb7m5o9b2yq1c0V7x9d4T2k8Lr3uQeZsWnAfg */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  token: string;
}

/** A new password, with the token of a mail. */
export class ResetPasswordDto extends LinkDto {
  /**
   * 15 to 128 characters of any kind; a few unrelated words do well.
   * @example "seven herons over the pier"
   */
  @IsString()
  @MinLength(15)
  @MaxLength(128)
  password: string;
}

/** An e-mail and its password. */
export class LoginDto {
  /** @example admin@stockroom.example */
  @IsEmailAddress()
  email: string;

  /** @example "open sesame, little shop" */
  @IsString()
  @MinLength(1)
  @MaxLength(128)
  password: string;
}

/** The refresh token of the latest answer. */
export class RefreshDto {
  /** @example wJ0Xk… */
  @IsString()
  @MinLength(1)
  @MaxLength(512)
  refreshToken: string;
}

/**
 * A new password, for a person who knows the old one. The example is the demo's password again: after trying it out in /docs,
 * the sign-in that the page offers still works.
 */
export class ChangePasswordDto {
  /** @example "open sesame, little shop" */
  @IsString()
  @MinLength(1)
  @MaxLength(128)
  currentPassword: string;

  /**
   * 15 to 128 characters of any kind; a few unrelated words do well.
   * @example "open sesame, little shop"
   */
  @IsString()
  @MinLength(15)
  @MaxLength(128)
  newPassword: string;
}

/** What a client signs its requests with. */
export class TokensDto {
  /**
   * Goes along with each request, as `Authorization: Bearer …`.
   * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  @MaxLength(4096)
  accessToken: string;

  /** @example Bearer */
  tokenType: 'Bearer';

  /**
   * How long the access token works, in seconds.
   * @example 900
   */
  @Max(86_400)
  expiresIn: number;

  /**
   * Gets the next tokens, once: `POST /auth/refresh`.
   * @example wJ0Xk…
   */
  @MaxLength(512)
  refreshToken: string;
}

/** That something will be done, if there is something to do. */
export class AcceptedDto {
  /** @example "If the e-mail can be registered, a mail is on its way." */
  @MaxLength(200)
  message: string;
}
