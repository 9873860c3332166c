import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { TooManyRequests } from '../../errors/errors.js';
import { logSecurityWarning } from '../../security/security-log.js';
import { networkOf } from '../syntax/network.js';
import { RouteOption } from '../syntax/route-option.js';
import { isApi } from '../syntax/target.js';
import { Counters } from './counters.js';

/** The parameters of a request as they were sent, before any DTO has read them. */
type SentQuery = Readonly<Record<string, unknown>>;

/** How many requests of one kind a client may send, counted apart from all others. */
export interface LimitPolicy {
  /** As `RateLimit-Policy` names it: small letters and hyphens. */
  readonly name: string;
  /** How many requests a minute, as a share of `RATE_LIMIT`. */
  readonly share: number;
  /** Which requests of its routes it is for, by their query; all of them when it is left out. */
  readonly when?: (query: SentQuery) => boolean;
  /** Who is counted: the client's address (for what is done before signing in), or the caller: the user, or else the address. */
  readonly by?: 'address' | 'caller';
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The policies that count for a route instead of the default one; `false` where nothing is counted. */
    limits?: readonly LimitPolicy[] | false;
  }
  interface FastifyRequest {
    /** Where the request was counted, once it was. */
    rateLimit: RateLimitState | null;
    /** Whether the answer was found without loading anything, and is not counted for that. */
    isFree: boolean;
  }
}

interface RateLimitState {
  quota: Quota;
  partition: string;
  remaining: number;
  secondsLeft: number;
}

/**
 * Limits a route by policies of its own: the first one that is for a request counts it; a request that none of them is
 * for counts by the default one.
 */
export const Limited = (...policies: LimitPolicy[]): MethodDecorator => RouteOption({ limits: policies });

/** For probes, which cost nothing and must not depend on what others ask. */
export const Unlimited = (): MethodDecorator => RouteOption({ limits: false });

/** What counts for every route of the API that has no policy of its own, and for what is no route of it. */
const DEFAULT: LimitPolicy = { name: 'default', share: 1, by: 'caller' };
/** What counts for everything else: the documentation, pages of problems, and paths where nothing is. */
const PAGES: LimitPolicy = { name: 'pages', share: 1 };
/** Seconds. */
const WINDOW = 60;

/**
 * Limits how many requests a minute each client sends, and says how many are left (draft-ietf-httpapi-ratelimit-headers).
 * The matched route decides which policy counts, never the spelling of the URL. Requests are counted before they are
 * looked at, so that those count too that are refused for their method, form or body.
 */
@Injectable()
export class Limits {
  private readonly quotas = new Map<LimitPolicy, Quota>();

  constructor(
    private readonly config: Config,
    private readonly counters: Counters,
  ) {}

  /** Counts before every route, and after the caller has been identified. */
  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('rateLimit', null);
    fastify.decorateRequest('isFree', false);
    if (this.config.rateLimit === 0) return;
    fastify.addHook('onRequest', (request, reply, done) => {
      const policy = policyOf(request);
      if (!policy) done();
      else {
        this.count(policy, request, reply).then(() => {
          done();
        }, done);
      }
    });
    // As GitHub has it: asking whether something has changed is free when it hasn't.
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (!request.isFree || reply.statusCode !== 304 || !request.rateLimit) {
        done(null, payload);
        return;
      }
      refund(request.rateLimit, reply).then(() => {
        done(null, payload);
      }, done);
    });
  }

  /** @throws AppError 429. */
  private async count(policy: LimitPolicy, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const quota = this.quotaOf(policy);
    const partition =
      policy.by === 'caller' && request.user ? `user:${request.user.userId}` : `address:${networkOf(request.ip)}`;
    const { consumedPoints, remainingPoints, msBeforeNext } = await quota.counter.penalty(partition);
    const secondsLeft = Math.max(1, Math.ceil(msBeforeNext / 1000));
    request.rateLimit = { quota, partition, remaining: remainingPoints, secondsLeft };
    setRateLimitHeaders(request.rateLimit, reply);
    if (consumedPoints <= quota.points) return;
    if (consumedPoints === quota.points + 1) this.report(policy, request);
    const detail = `More than ${String(quota.points)} requests in a minute: wait ${String(secondsLeft)} seconds.`;
    throw new AppError(TooManyRequests, detail, { retryAfter: secondsLeft });
  }

  /** Logs that a client has used up a limit, once in a window: a flood must not become one of log lines. ASVS 16.3.3. */
  private report({ name }: LimitPolicy, request: FastifyRequest): void {
    const event = 'excess_rate_limit_exceeded';
    logSecurityWarning({
      event,
      requestId: request.id,
      policy: name,
      address: request.ip,
      route: request.routeOptions.url,
      ...(request.user && { userId: request.user.userId }),
    });
  }

  private quotaOf(policy: LimitPolicy): Quota {
    let quota = this.quotas.get(policy);
    if (!quota) {
      const points = Math.max(1, Math.round(this.config.rateLimit * policy.share));
      const counter = this.counters.make(`limit:${policy.name}`, { points, duration: WINDOW });
      quota = {
        name: policy.name,
        points,
        counter,
        policy: `"${policy.name}";q=${String(points)};w=${String(WINDOW)}`,
      };
      this.quotas.set(policy, quota);
    }
    return quota;
  }
}

interface Quota {
  name: string;
  points: number;
  counter: RateLimiterAbstract;
  /** The value of `RateLimit-Policy`. */
  policy: string;
}

/** The policy that counts a request; undefined for OPTIONS and probes, which are not counted. */
function policyOf(request: FastifyRequest): LimitPolicy | undefined {
  if (request.method === 'OPTIONS') return undefined;
  const { limits } = request.routeOptions.config;
  if (limits === false) return undefined;
  const { query } = request;
  const own = limits?.find(({ when }) => when === undefined || (isQuery(query) && when(query)));
  return own ?? (isApi(request) ? DEFAULT : PAGES);
}

const isQuery = (query: unknown): query is SentQuery => typeof query === 'object' && query !== null;

function setRateLimitHeaders({ quota, remaining, secondsLeft }: RateLimitState, reply: FastifyReply): void {
  reply.header('ratelimit-policy', quota.policy);
  reply.header('ratelimit', `"${quota.name}";r=${String(remaining)};t=${String(secondsLeft)}`);
}

async function refund(state: RateLimitState, reply: FastifyReply): Promise<void> {
  await state.quota.counter.reward(state.partition);
  state.remaining += 1;
  setRateLimitHeaders(state, reply);
}
