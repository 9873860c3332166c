import { ApiProperty } from '@nestjs/swagger';
import { ArrayUnique, IsEmail, IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { type Role, ROLES } from '../../common/security/roles.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { PhotoDto, type PhotoRow, toPhotoDto } from '../../photos/dto/photo.dto.js';

/** A user as it goes out. */
export class UserDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /**
   * In lower case; a pseudonym once the user is erased.
   * @example ada@example.com
   */
  @IsEmail()
  email: string;

  /** @example "Ada Lovelace" */
  @MaxLength(100)
  name: string;

  @ApiProperty({ enum: ROLES, isArray: true, example: ['customer'] })
  @ArrayUnique()
  roles: Role[];

  photo: PhotoDto | null;

  /** Whether the user has shown that the e-mail is theirs. */
  emailVerified: boolean;

  /** Whether signing in is closed to the user. */
  disabled: boolean;

  /** Whether only a pseudonym is left. */
  erased: boolean;

  /** Counts its changes; also its ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  updatedAt: string;
}

/** A page of users. */
export class UserPage extends PageOf(UserDto) {}

/** A user as the queries give it. */
export interface UserRow {
  id: string;
  email: string;
  name: string;
  roles: Role[];
  photo: PhotoRow | null;
  emailVerifiedAt: Date | null;
  disabledAt: Date | null;
  erasedAt: Date | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export const toUserDto = (row: UserRow): UserDto => ({
  id: row.id,
  email: row.email,
  name: row.name,
  roles: row.roles,
  photo: row.photo && toPhotoDto(row.photo),
  emailVerified: row.emailVerifiedAt !== null,
  disabled: row.disabledAt !== null,
  erased: row.erasedAt !== null,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
