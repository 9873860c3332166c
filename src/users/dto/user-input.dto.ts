import { PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import { IsEmailAddress } from '../../common/mail/email-address.js';
import { type Role, ROLES } from '../../common/security/roles.js';

/** The orders that users can be listed in; `-` is descending. */
const USER_SORTS = ['createdAt', '-createdAt', 'email'] as const;
export type UserSort = (typeof USER_SORTS)[number];

/** A line of text: no control characters, and more than spaces. */
const LINE = /^(?=.*\S)\P{Cc}+$/u;

/** What users change of themselves. */
class ProfileDto {
  /** @example "Ada Lovelace" */
  @IsString()
  @MaxLength(100)
  @Matches(LINE, { message: 'name must be a line of text' })
  name: string;
}

/** What an administrator changes of a user. */
class ManagedDto extends ProfileDto {
  /**
   * What the user is in the shop.
   * @example ["staff"]
   */
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(3)
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles: Role[];

  /** Whether signing in is closed to the user. */
  @IsBoolean()
  disabled: boolean;
}

/** What may be changed of oneself: a JSON Merge Patch. */
export class UpdateMeDto extends PartialType(ProfileDto, { skipNullProperties: false }) {}

/** What may be changed of a user: a JSON Merge Patch. */
export class UpdateUserDto extends PartialType(ManagedDto, { skipNullProperties: false }) {}

/** Whom to invite. */
export class InviteUserDto extends ProfileDto {
  /** @example ada.lovelace@example.com */
  @IsEmailAddress()
  email: string;

  /**
   * The roles of the user; `customer` by default.
   * @example ["staff"]
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(3)
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles?: Role[];
}

/** The filters and sorts of the list of users. */
export class UserQuery extends PageQuery {
  /**
   * A part of the name or e-mail.
   * @example staff
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MaxLength(100)
  @Matches(LINE, { message: 'q must be a line of text' })
  q?: string;

  /** Only users who have this role. */
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(ROLES)
  role?: Role;

  /** The order; by default the newest first. */
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(USER_SORTS)
  sort?: UserSort;
}
