import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../common/config/config.js';
import type { Caller } from '../common/security/caller.js';
import { SignInStrategy } from '../common/security/sign-in.js';
import { type AccessTokenClaims, AccessTokens, AUDIENCE } from './access-tokens.js';
import { SessionsService } from './sessions.service.js';

/** Checks the access token of a request for the guard of `common/`, and finds out who that is. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) implements OnModuleDestroy {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: SessionsService,
    private readonly signIn: SignInStrategy,
    config: Config,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request, token: string, done) => {
        const key = tokens.keyOf(token);
        if (key) done(null, key.publicKey);
        else done(new Error('no access token of ours'));
      },
      algorithms: ['ES256'],
      issuer: config.publicUrl,
      audience: AUDIENCE,
      // by the injected clock, in validate
      ignoreExpiration: true,
    });
    passport.use(signIn.name, this);
  }

  onModuleDestroy(): void {
    passport.unuse(this.signIn.name);
  }

  /** Called with the claims of a token whose signature, issuer and audience are right; false turns the request away. */
  async validate(claims: AccessTokenClaims): Promise<Caller | false> {
    if (!this.tokens.inTime(claims)) return false;
    return (await this.sessions.callerOf(claims.sid, claims.sub)) ?? false;
  }
}
