import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { LRUCache } from 'lru-cache';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { Config } from '../common/config/config.js';
import type { Caller } from '../common/security/caller.js';
import { SignInStrategy } from '../common/security/sign-in.js';
import { type AccessTokenClaims, AccessTokens, AUDIENCE } from './access-tokens.js';
import { bearerTokenOf } from './bearer-token.js';
import { SessionsService } from './sessions.service.js';

type Request = Parameters<Strategy['authenticate']>[0];

/** The token of each request that is being checked, read once. passport-jwt's own extractor takes the square of a header. */
const tokenOf = new WeakMap<Request, string>();

/** How many tokens are known whose signature has been checked. */
const KNOWN_TOKENS = 5000;

/** Checks the access token of a request for the guard of `common/`, and finds out who that is. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) implements OnModuleDestroy {
  private readonly checked = new LRUCache<string, AccessTokenClaims>({ max: KNOWN_TOKENS });

  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: SessionsService,
    private readonly signIn: SignInStrategy,
    config: Config,
  ) {
    super({
      jwtFromRequest: (request: Request) => tokenOf.get(request) ?? null,
      secretOrKeyProvider: (_request, token: string, done) => {
        const key = tokens.keyOf(token);
        if (key) done(null, key.publicKey);
        else done(new Error('no access token of ours'));
      },
      algorithms: ['ES256'],
      issuer: config.publicUrl,
      audience: AUDIENCE,
      passReqToCallback: true,
      // by the injected clock, in validate
      ignoreExpiration: true,
    });
    passport.use(signIn.name, this);
  }

  /** Passes over the signature of a token that has been checked before: that takes longer than the rest of a request. */
  override authenticate(request: Request): void {
    const token = bearerTokenOf(request.headers.authorization);
    if (token === null) {
      this.fail(401);
      return;
    }
    const claims = token === undefined ? undefined : this.checked.get(token);
    if (!claims) {
      if (token !== undefined) tokenOf.set(request, token);
      super.authenticate(request);
      return;
    }
    this.callerOf(claims).then((caller) => {
      if (caller) this.success(caller);
      else this.fail(401);
    }, this.error.bind(this));
  }

  onModuleDestroy(): void {
    passport.unuse(this.signIn.name);
  }

  /** Called with the claims of a token whose signature, issuer and audience are right; false turns the request away. */
  async validate(request: Request, claims: AccessTokenClaims): Promise<Caller | false> {
    const token = tokenOf.get(request);
    if (token !== undefined) this.checked.set(token, claims);
    return this.callerOf(claims);
  }

  /** Looked up each time: the token's time, and whether its session goes on. */
  private async callerOf(claims: AccessTokenClaims): Promise<Caller | false> {
    if (!this.tokens.inTime(claims)) return false;
    return (await this.sessions.callerOf(claims.sid, claims.sub)) ?? false;
  }
}
