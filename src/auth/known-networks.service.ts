import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { NIL } from 'uuid';
import { Retention } from '../common/background/retention.js';
import { deleteRows, queryShared, run } from '../common/database/statements.js';
import { networkOf } from '../common/http/syntax/network.js';
import { Clock } from '../common/time/clock.js';
import { KnownNetwork } from './entities/known-network.entity.js';

const DAY = 24 * 3600;

/** How long a network is known after it was used last, and how exactly that is recorded, in seconds. */
const LIFETIME = 90 * DAY;
const STEP = DAY;

/** The longest text that is taken for a network. */
const MAX_LENGTH = 100;

/**
 * The networks from which each user has signed in, or has used a mailed link. Wrong passwords from elsewhere do not close the
 * account to them.
 */
@Injectable()
export class KnownNetworksService implements OnModuleInit {
  constructor(
    @InjectRepository(KnownNetwork) private readonly networks: Repository<KnownNetwork>,
    private readonly retention: Retention,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.retention.register({
      name: 'known networks',
      deleteBatch: (limit) =>
        deleteRows(
          this.networks.manager,
          sql`DELETE FROM known_networks WHERE (user_id, network) IN (
                SELECT user_id, network FROM known_networks WHERE seen_at <= ${this.clock.in(-LIFETIME)}
                ORDER BY seen_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
              ) RETURNING 1`,
        ),
    });
  }

  /** Whether the user has been here before. It takes as long for an account that does not exist. */
  async has(userId: string | undefined, address: string): Promise<boolean> {
    const known = await queryShared(
      this.networks.manager,
      sql`SELECT 1 FROM known_networks WHERE user_id = ${userId ?? NIL} AND network = ${keyOf(address)}
            AND seen_at > ${this.clock.in(-LIFETIME)}`,
    );
    return known.length > 0;
  }

  /** Records that the user was here. */
  async add(userId: string, address: string): Promise<void> {
    await run(this.networks.manager, this.addition(sql`SELECT ${userId}::uuid AS user_id`, address));
  }

  /** A statement that does what {@link add} does, for the `user_id` of each row of `users`; part of a larger one. */
  addition(users: Sql, address: string): Sql {
    const network = keyOf(address);
    return sql`INSERT INTO known_networks AS k (user_id, network, seen_at)
      SELECT user_id, ${network}::text, ${this.clock.now()}::timestamptz FROM (${users}) u
      WHERE NOT EXISTS (
        SELECT 1 FROM known_networks WHERE user_id = u.user_id AND network = ${network} AND seen_at > ${this.clock.in(-STEP)}
      )
      ON CONFLICT ON CONSTRAINT known_networks_pk DO UPDATE SET seen_at = GREATEST(k.seen_at, excluded.seen_at)`;
  }

  /** Forgets where the user was. */
  async forget(userId: string): Promise<void> {
    await this.networks.delete({ userId });
  }
}

const keyOf = (address: string): string => networkOf(address).slice(0, MAX_LENGTH);
