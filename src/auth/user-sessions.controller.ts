import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { ReadSessions, WriteSessions } from './auth.permissions.js';
import { SessionPage, SessionQuery } from './dto/session.dto.js';
import { SessionsService } from './sessions.service.js';

@About('Where other users are signed in.')
@Controller('users/:id/sessions')
export class UserSessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Lists the sessions of a user, the newest first. */
  @Get()
  @Permit(ReadSessions)
  list(
    @Param('id', IdPipe) id: string,
    @Query() query: SessionQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<SessionPage> {
    return this.sessions.listOfUser(id, query, caller);
  }

  /** Deletes all sessions of a user. Their tokens stop working at once. The user may sign in again. */
  @Delete()
  @HttpCode(204)
  @Permit(WriteSessions)
  end(@Param('id', IdPipe) id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.endAllOfUser(id, caller);
  }
}
