import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { Config } from '../config/config.js';
import { Counters } from './counters.js';
import { networkOf } from './network.js';
import { Problem } from './problem.js';
import { TooManyRequests } from './problems.js';
import { RouteOption } from './route-option.js';

/** What a client may ask of some routes, counted apart from all others and by its address, whoever it is. */
export interface LimitPolicy {
  /** As `RateLimit-Policy` names it. */
  readonly name: string;
  /** How many requests a minute, as a share of `RATE_LIMIT`. */
  readonly share: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The policy that counts for a route instead of the default one. */
    limit?: LimitPolicy;
  }
  interface FastifyRequest {
    /** Where the request was counted, once it was. */
    counted: Counted | null;
  }
}

interface Counted {
  quota: Quota;
  partition: string;
  remaining: number;
  secondsLeft: number;
}

/** Limits a route by a policy of its own, stricter than the default one. */
export const Limited = (policy: LimitPolicy): MethodDecorator => RouteOption({ limit: policy });

/** What everything under `/api` is limited by that has no policy of its own: by user, or by address for nobody. */
const DEFAULT: LimitPolicy = { name: 'default', share: 1 };
/** Seconds. */
const WINDOW = 60;

/**
 * Keeps each client to so many requests a minute, and tells it how many are left (draft-ietf-httpapi-ratelimit-headers):
 * a user by their id, everybody else by the address. Requests are counted before they are looked at, so that those count
 * too that are refused for their method, form or body.
 */
@Injectable()
export class Limits {
  private readonly quotas = new Map<LimitPolicy, Quota>();

  constructor(
    private readonly config: Config,
    private readonly counters: Counters,
  ) {}

  /** Stands before every route, and behind what finds out who calls. */
  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('counted', null);
    if (this.config.rateLimit === 0) return;
    fastify.addHook('onRequest', (request, reply, done) => {
      if (!isLimited(request)) done();
      else {
        this.count(request, reply).then(() => {
          done();
        }, done);
      }
    });
    // As GitHub has it: asking whether something has changed is free when it hasn't.
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (reply.statusCode !== 304 || !request.counted) {
        done(null, payload);
        return;
      }
      giveBack(request.counted, reply).then(() => {
        done(null, payload);
      }, done);
    });
  }

  /** @throws Problem 429. */
  private async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { limit } = request.routeOptions.config;
    const quota = this.quotaOf(limit ?? DEFAULT);
    const partition = limit || !request.user ? `address:${networkOf(request.ip)}` : `user:${request.user.userId}`;
    const { consumedPoints, remainingPoints, msBeforeNext } = await quota.counter.penalty(partition);
    const secondsLeft = Math.max(1, Math.ceil(msBeforeNext / 1000));
    request.counted = { quota, partition, remaining: remainingPoints, secondsLeft };
    tell(request.counted, reply);
    if (consumedPoints <= quota.points) return;
    const seconds = String(secondsLeft);
    throw new Problem(
      TooManyRequests,
      `More than ${String(quota.points)} requests in a minute: wait ${seconds} seconds.`,
      {
        headers: { 'retry-after': seconds },
      },
    );
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

const isLimited = ({ url, method }: FastifyRequest): boolean => url.startsWith('/api/') && method !== 'OPTIONS';

function tell({ quota, remaining, secondsLeft }: Counted, reply: FastifyReply): void {
  reply.header('ratelimit-policy', quota.policy);
  reply.header('ratelimit', `"${quota.name}";r=${String(remaining)};t=${String(secondsLeft)}`);
}

async function giveBack(counted: Counted, reply: FastifyReply): Promise<void> {
  await counted.quota.counter.reward(counted.partition);
  counted.remaining += 1;
  tell(counted, reply);
}
