import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../src/app.js';
import { AccessTokens } from '../src/auth/access-tokens.js';
import type { TokensDto } from '../src/auth/dto/auth.dto.js';
import type { JwksDto } from '../src/auth/dto/jwks.dto.js';
import { RegistrationService } from '../src/auth/registration.service.js';
import { SigningKeys } from '../src/auth/signing-keys.js';
import { Secrets } from '../src/common/security/secrets.js';
import { Clock } from '../src/common/time/clock.js';
import { openAccount, PASSWORD } from './support/accounts.js';
import { authClient } from './support/auth.js';
import { createLastingDatabase, type TestDatabase, testConfig } from './support/database.js';
import { Shop } from './support/shop.js';

const MINUTE = 60;
const DAY = 24 * 3600;

describe('an access token', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
  const { whoAmI, account, later } = authClient(() => shop);

  const claimsOf = (token: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = (header: object, claims: object, key: KeyObject): string => {
    const content = `${encode(header)}.${encode(claims)}`;
    return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const ours = (): { header: Record<string, unknown>; key: KeyObject } => {
    const { jwk, privateKey } = shop.app.get(SigningKeys).present;
    return { header: { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid }, key: privateKey };
  };
  const refusal = async (token: string): Promise<unknown[]> => {
    const { status, headers } = await shop.ask('users/me', { token });
    return [status, headers.get('www-authenticate')];
  };
  const INVALID = [401, 'Bearer error="invalid_token"'];

  it('says who, where and until when (RFC 9068 §2.2), and can be checked by the published key', async () => {
    const { id, token } = await account();
    const { headers, body } = await shop.ask<JwksDto>('/.well-known/jwks.json');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { kid, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string; typ: string };
    const jwk = body.keys.find((key) => key.kid === kid);
    const key = {
      key: createPublicKey({ format: 'jwk', key: Object.fromEntries(Object.entries(jwk ?? {})) }),
      dsaEncoding: 'ieee-p1363',
    } as const;
    const claims = claimsOf(token);

    expect(typ).toBe('at+jwt');
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(claims).toMatchObject({ iss: 'http://localhost:3000', aud: 'stockroom', sub: id });
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(900);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(JSON.stringify(body)).not.toContain('"d"');
  });

  it('works as it is made by hand here (the counter-proof of the refusals below)', async () => {
    const { token } = await account();

    expect(await whoAmI(signed(ours().header, claimsOf(token), ours().key))).toBe(200);
  });

  it('runs out after 15 minutes', async () => {
    const { token } = await account();
    later(15 * MINUTE);

    expect(await refusal(token)).toEqual(INVALID);
  });

  it('is refused with alg: none (RFC 8725 §2.1)', async () => {
    const { token } = await account();

    expect(await refusal(`${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claimsOf(token))}.`)).toEqual(INVALID);
    expect(await refusal(`${encode({ ...ours().header, alg: 'none' })}.${encode(claimsOf(token))}.`)).toEqual(INVALID);
  });

  it('is refused when signed by HS256 with the public key (RFC 8725 §2.1)', async () => {
    const { token } = await account();
    const { publicKey } = shop.app.get(SigningKeys).present;
    const content = `${encode({ ...ours().header, alg: 'HS256' })}.${encode(claimsOf(token))}`;

    expect(await refusal(`${content}.${createHmac('sha256', publicKey).update(content).digest('base64url')}`)).toEqual(
      INVALID,
    );
  });

  it.each([
    ['another key under our kid', {}, true],
    ['an unknown kid', { kid: 'unknown' }, false],
    ['no kid', { kid: undefined }, false],
    ['the kid of a file', { kid: '../../dev/null' }, false],
    ['a jku', { jku: 'https://evil.example/jwks.json' }, false],
    ['a jwk', { jwk: { kty: 'EC' } }, false],
    ['an x5u', { x5u: 'https://evil.example/cert' }, false],
    ['typ JWT', { typ: 'JWT' }, false],
    ['no typ', { typ: undefined }, false],
    ['a crit', { crit: ['exp'] }, false],
  ])('is refused with %s (RFC 8725 §3)', async (_, header, foreign) => {
    const { token } = await account();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    expect(
      await refusal(signed({ ...ours().header, ...header }, claimsOf(token), foreign ? privateKey : ours().key)),
    ).toEqual(INVALID);
  });

  it.each([
    ['issuer', { iss: 'https://evil.example' }],
    ['audience', { aud: 'another' }],
    ['time', { exp: 1 }],
    ['time that is none', { exp: 'never' }],
    ['missing time', { exp: undefined }],
    ['user', { sub: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' }],
    ['session', { sid: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' }],
  ])('is refused with a wrong %s (RFC 8725 §3.8 f.)', async (_, change) => {
    const { token } = await account();

    expect(await refusal(signed(ours().header, { ...claimsOf(token), ...change }, ours().key))).toEqual(INVALID);
  });

  it.each(['x', 'a.b.c', 'e30.e30.e30', '..', 'bnVsbA.bnVsbA.bnVsbA', `${'a'.repeat(6000)}.b.c`])(
    'is refused as %j, and never 500',
    async (token) => {
      expect(await refusal(token)).toEqual(INVALID);
    },
  );

  it('is refused with a megabyte of it', async () => {
    const { hostname, port } = new URL(shop.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /api/v1/users/me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${'a'.repeat(1_000_000)}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(answer.toString()).toMatch(
      /^HTTP\/1.1 401 [^]*www-authenticate: Bearer error="invalid_token"[^]*"status":401/,
    );
  });

  it('is not a refresh token', async () => {
    expect(await refusal((await account()).refreshToken)).toEqual(INVALID);
  });

  it('is checked on a public route that shows more to some callers, and on no other', async () => {
    const statuses = [];
    for (const path of ['products', 'categories']) statuses.push((await shop.ask(path, { token: 'x' })).status);

    expect(statuses).toEqual([401, 200]);
  });
});

describe('the keys that tokens are signed with', () => {
  const [former, next] = ['former secret of some length, 1234567', 'next secret of another length, 7654321'];
  /** The same parts as before the keys changed. */
  const before = testConfig({ secrets: [former] });
  const keysBefore = new SigningKeys(new Secrets(before));
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ secrets: [next, former] });
  });
  afterAll(() => shop.close());

  const sessionOf = (token: string): string =>
    (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;

  it('change without an access token being refused', async () => {
    const { id, token } = await openAccount(shop, 'customer');
    const tokensBefore = new AccessTokens(new JwtService(), keysBefore, new Clock(), before);
    const { status } = await shop.ask('users/me', { token: tokensBefore.mint(id, sessionOf(token)) });

    expect(status).toBe(200);
  });

  it('are all published, the one that signs first (RFC 7517)', async () => {
    const { keys } = (await shop.ask<JwksDto>('/.well-known/jwks.json')).body;

    expect(keys).toHaveLength(2);
    expect(keys[1]).toEqual(keysBefore.present.jwk);
  });

  it('are refused once their secret is gone', async () => {
    const { id, token } = await openAccount(shop, 'customer');
    const gone = testConfig({ secrets: ['a secret that was taken out, 1234567'] });
    const tokens = new AccessTokens(new JwtService(), new SigningKeys(new Secrets(gone)), new Clock(), gone);
    const { status } = await shop.ask('users/me', { token: tokens.mint(id, sessionOf(token)) });

    expect(status).toBe(401);
  });
});

/** The steps of docs/operating.md, each with a process of its own on one database. */
describe('replacing the secret of a shop', () => {
  const [former, next] = ['former secret of some length, 1234567', 'next secret of another length, 7654321'];
  const email = 'rotation@accounts.test';
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createLastingDatabase();
  });
  afterAll(() => database.drop());

  interface Client {
    app: NestFastifyApplication;
    login: () => Promise<TokensDto>;
    refresh: (tokens: TokensDto) => Promise<TokensDto>;
    whoAmI: (tokens: TokensDto) => Promise<number>;
  }

  /** Runs the shop under these secrets, so many seconds after the first time. */
  async function running<T>(secrets: string[], seconds: number, work: (client: Client) => Promise<T>): Promise<T> {
    const app = await createApp(Object.assign(testConfig({}), database.config, { secrets }), database.options);
    jest.spyOn(app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + seconds * 1000));
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const post = async (path: string, payload: object): Promise<TokensDto> => {
      const { statusCode, body } = await app.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload });
      expect(statusCode).toBe(200);
      return JSON.parse(body) as TokensDto;
    };
    try {
      return await work({
        app,
        login: () => post('login', { email, password: PASSWORD }),
        refresh: ({ refreshToken }) => post('refresh', { refreshToken }),
        whoAmI: async ({ accessToken }) => {
          const headers = { authorization: `Bearer ${accessToken}` };
          return (await app.inject({ url: '/api/v1/users/me', headers })).statusCode;
        },
      });
    } finally {
      await app.close();
    }
  }

  it('as documented logs nobody out, however long ago they used their refresh token', async () => {
    const [idle, busy] = await running([former], 0, async ({ app, login }) => {
      await app.get(RegistrationService).openVerified({ email, password: PASSWORD, name: 'Ada', roles: ['customer'] });
      return [await login(), await login()];
    });
    const appended = await running([former, next], DAY, ({ refresh }) => refresh(busy));
    const [moved, statuses] = await running([next, former], DAY + 5 * MINUTE, async ({ refresh, whoAmI }) => {
      const before = await whoAmI(appended);
      const tokens = await refresh(appended);
      return [tokens, [before, await whoAmI(tokens)]] as const;
    });
    const dropped = await running([next], DAY + 5 * MINUTE + 15 * MINUTE, async ({ refresh, whoAmI }) => {
      const tokens = [await refresh(idle), await refresh(moved)];
      return Promise.all(tokens.map(whoAmI));
    });

    expect(statuses).toEqual([200, 200]);
    expect(dropped).toEqual([200, 200]);
  });
});
