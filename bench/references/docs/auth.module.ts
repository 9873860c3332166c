import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  Body,
  Controller,
  HttpCode,
  Injectable,
  Ip,
  Module,
  Post,
  UnauthorizedException,
  Headers,
} from '@nestjs/common';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { PassportModule, PassportStrategy } from '@nestjs/passport';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { verify } from '@node-rs/argon2';
import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { IsNull, MoreThan, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from './auth.guards.js';
import { Session, User } from './entities.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const LIFETIME = 900;
const DAY = 24 * 3600 * 1000;
const ISSUER = 'https://shop.example';
const AUDIENCE = 'stockroom';

interface Tokens {
  accessToken: string;
  tokenType: 'Bearer';
  expiresIn: number;
  refreshToken: string;
}

class LoginDto {
  @IsEmail()
  @MaxLength(254)
  email: string;

  @IsString()
  @MinLength(1)
  @MaxLength(128)
  password: string;
}

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: publicKey,
      algorithms: ['ES256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  async validate(payload: { sub: string; sid: string }): Promise<Caller> {
    const session = await this.sessions.findOne({
      where: {
        id: payload.sid,
        endedAt: IsNull(),
        expiresAt: MoreThan(new Date()),
        user: { id: payload.sub, disabledAt: IsNull(), erasedAt: IsNull() },
      },
      relations: { user: true },
    });
    if (!session) throw new UnauthorizedException();
    return { userId: session.user.id, roles: session.user.roles };
  }
}

@Injectable()
class AuthService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly jwt: JwtService,
  ) {}

  async signIn({ email, password }: LoginDto, userAgent: string | undefined, address: string): Promise<Tokens> {
    const user = await this.users.findOneBy({ email });
    if (!user?.passwordHash || user.disabledAt || !user.emailVerifiedAt) throw new UnauthorizedException();
    if (!(await verify(user.passwordHash, password))) throw new UnauthorizedException();
    const refreshToken = randomBytes(32);
    const now = new Date();
    const session = await this.sessions.save(
      this.sessions.create({
        id: uuidv7(),
        user,
        refreshHash: createHash('sha256').update(refreshToken).digest(),
        rotatedAt: now,
        userAgent: userAgent ?? null,
        address,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + 30 * DAY),
      }),
    );
    return {
      accessToken: await this.jwt.signAsync({ sub: user.id, sid: session.id }),
      tokenType: 'Bearer',
      expiresIn: LIFETIME,
      refreshToken: refreshToken.toString('base64url'),
    };
  }
}

@Controller('auth')
class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @HttpCode(200)
  login(
    @Body() credentials: LoginDto,
    @Headers('user-agent') agent: string | undefined,
    @Ip() ip: string,
  ): Promise<Tokens> {
    return this.auth.signIn(credentials, agent, ip);
  }
}

@Module({
  imports: [
    TypeOrmModule.forFeature([User, Session]),
    PassportModule,
    JwtModule.register({
      privateKey,
      signOptions: { algorithm: 'ES256', expiresIn: LIFETIME, issuer: ISSUER, audience: AUDIENCE },
    }),
  ],
  providers: [AuthService, JwtStrategy],
  controllers: [AuthController],
})
export class AuthModule {}
