import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { IfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit, SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { InviteUserDto, UpdateMeDto, UpdateUserDto, UserQuery } from './dto/user-input.dto.js';
import { UserDto, UserPage } from './dto/user.dto.js';
import { EmailTaken, LastAdmin, UserIsErased, UserUnverified } from './users.errors.js';
import { ReadUsers, WriteUsers } from './users.permissions.js';
import { UsersService } from './users.service.js';

@About('The people of the shop.')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** Returns the current user. */
  @Get('me')
  @SignedIn()
  @Versioned(UsersService)
  readMe(@CurrentCaller() caller: Caller): Promise<UserDto> {
    return this.users.read(caller.userId);
  }

  /** Updates the current user. */
  @Patch('me')
  @SignedIn()
  // eslint-disable-next-line stockroom/routes-declare-problems -- only a change of roles, or of an erased user, leads there
  updateMe(
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateMeDto,
    @CurrentCaller() caller: Caller,
  ): Promise<UserDto> {
    return this.users.update(caller.userId, change, expected, caller);
  }

  /** Deletes the current user: erases name and e-mail, ends all sessions, and keeps the reviews without the name. */
  @Delete('me')
  @HttpCode(204)
  @SignedIn()
  @Problems(LastAdmin)
  eraseMe(@IfMatch() expected: ExpectedVersions, @CurrentCaller() caller: Caller): Promise<void> {
    return this.users.erase(caller.userId, expected, caller);
  }

  /** Lists users, filtered by name, e-mail or role. */
  @Get()
  @Permit(ReadUsers)
  list(@Query() query: UserQuery): Promise<UserPage> {
    return this.users.list(query);
  }

  /** Returns a user. */
  @Get(':id')
  @Permit(ReadUsers)
  @Versioned(UsersService)
  read(@Param('id', IdPipe) id: string): Promise<UserDto> {
    return this.users.read(id);
  }

  /** Invites a user, and mails a link to choose a password. */
  @Post()
  @Permit(WriteUsers)
  @Idempotent()
  @Problems(EmailTaken)
  invite(@Body() invitation: InviteUserDto, @CurrentCaller() caller: Caller): Promise<UserDto> {
    return this.users.invite(invitation, caller);
  }

  /** Updates a user: name, roles, or whether they can sign in. It takes effect at once. */
  @Patch(':id')
  @Permit(WriteUsers)
  @Problems(LastAdmin, UserIsErased, UserUnverified)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateUserDto,
    @CurrentCaller() caller: Caller,
  ): Promise<UserDto> {
    return this.users.update(id, change, expected, caller);
  }

  /** Deletes a user: erases name and e-mail, ends all sessions, and keeps the reviews without the name. */
  @Delete(':id')
  @HttpCode(204)
  @Permit(WriteUsers)
  @Problems(LastAdmin)
  erase(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.users.erase(id, expected, caller);
  }
}
