import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PhotosModule } from '../photos/photos.module.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { AdminInvitationsService } from './admin-invitations.service.js';
import { OneTimeToken } from './entities/one-time-token.entity.js';
import { User } from './entities/user.entity.js';
import { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import { UserPhotoController } from './user-photo.controller.js';
import { UserPhotoService } from './user-photo.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, OneTimeToken]), PhotosModule],
  controllers: [UserPhotoController, UsersController],
  providers: [
    AccountsRepository,
    AccountsService,
    AdminInvitationsService,
    LinksRepository,
    LinksService,
    UserPhotoService,
    UsersRepository,
    UsersService,
  ],
  exports: [AccountsService, AdminInvitationsService, LinksService, UsersService],
})
export class UsersModule {}
