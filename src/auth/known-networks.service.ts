import { Injectable, type OnModuleInit } from '@nestjs/common';
import { NIL } from 'uuid';
import { Retention } from '../common/background/retention.js';
import { networkOf } from '../common/http/syntax/network.js';
import { Clock } from '../common/time/clock.js';
import { KnownNetworksRepository, type Visit } from './known-networks.repository.js';

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
    private readonly networks: KnownNetworksRepository,
    private readonly retention: Retention,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.retention.register({
      name: 'known networks',
      deleteBatch: (limit) => this.networks.deleteUnused(this.clock.in(-LIFETIME), limit),
    });
  }

  /** Whether the user has been here before. It takes as long for an account that does not exist. */
  async has(userId: string | undefined, address: string): Promise<boolean> {
    return this.networks.isKnown(userId ?? NIL, keyOf(address), this.clock.in(-LIFETIME));
  }

  /** Records that the user was here. */
  async add(userId: string, address: string): Promise<void> {
    await this.networks.record(userId, this.visitFrom(address));
  }

  /** What there is to record of a user who is here now. */
  visitFrom(address: string): Visit {
    return { network: keyOf(address), at: this.clock.now(), recordedBefore: this.clock.in(-STEP) };
  }

  /** Forgets where the user was. */
  async forget(userId: string): Promise<void> {
    await this.networks.deleteOfUser(userId);
  }
}

const keyOf = (address: string): string => networkOf(address).slice(0, MAX_LENGTH);
