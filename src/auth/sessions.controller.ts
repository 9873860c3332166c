import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Owner, SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { SessionPage, SessionQuery } from './dto/session.dto.js';
import { SessionsService } from './sessions.service.js';

@About('Where you are signed in.')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** Lists the sessions of the current user, the newest first. */
  @Get()
  @SignedIn()
  list(@Query() query: SessionQuery, @CurrentCaller() caller: Caller): Promise<SessionPage> {
    return this.sessions.list(query, caller);
  }

  /** Deletes all sessions of the current user except this one. */
  @Delete()
  @HttpCode(204)
  @SignedIn()
  endOthers(@CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.endOthers(caller, 'ended by user');
  }

  /** Deletes one session of the current user. */
  @Delete(':id')
  @HttpCode(204)
  @Owner()
  end(@Param('id', IdPipe) id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.endOwn(id, caller);
  }
}
