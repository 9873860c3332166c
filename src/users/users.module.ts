import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { AdminInvitationsService } from './admin-invitations.service.js';
import { OneTimeToken } from './entities/one-time-token.entity.js';
import { User } from './entities/user.entity.js';
import { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, OneTimeToken])],
  controllers: [UsersController],
  providers: [
    AccountsRepository,
    AccountsService,
    AdminInvitationsService,
    LinksRepository,
    LinksService,
    UsersRepository,
    UsersService,
  ],
  exports: [AccountsService, AdminInvitationsService, LinksService, UsersService],
})
export class UsersModule {}
