import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module.js';
import { AccessTokens } from './access-tokens.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { KnownNetwork } from './entities/known-network.entity.js';
import { Session } from './entities/session.entity.js';
import { JwksController } from './jwks.controller.js';
import { JwtStrategy } from './jwt.strategy.js';
import { KnownNetworksRepository } from './known-networks.repository.js';
import { KnownNetworksService } from './known-networks.service.js';
import { LoginPolicy, LoginThrottle } from './login-throttle.js';
import { MailPolicy, MailThrottle } from './mail-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { Argon2PasswordHasher, PasswordHasher } from './passwords.js';
import { RecoveryService } from './recovery.service.js';
import { RefreshTokens } from './refresh-tokens.js';
import { RegistrationService } from './registration.service.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SignaturesService } from './signatures.service.js';
import { SigningKeys } from './signing-keys.js';
import { UserSessionsController } from './user-sessions.controller.js';

@Module({
  imports: [UsersModule, JwtModule.register({}), TypeOrmModule.forFeature([Session, KnownNetwork])],
  controllers: [AuthController, SessionsController, UserSessionsController, JwksController],
  providers: [
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    AccessTokens,
    AuthService,
    JwtStrategy,
    KnownNetworksRepository,
    KnownNetworksService,
    LoginPolicy,
    LoginThrottle,
    MailPolicy,
    MailThrottle,
    PasswordPolicy,
    RecoveryService,
    RefreshTokens,
    RegistrationService,
    SessionsRepository,
    SessionsService,
    SignaturesService,
    SigningKeys,
  ],
  exports: [AuthService, RegistrationService, SessionsService, SignaturesService],
})
export class AuthModule {}
