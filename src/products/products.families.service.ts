import { Injectable } from '@nestjs/common';
import { EventsService } from '../common/events/events.service.js';
import { ProductUpdated } from './products.events.js';
import { type Membership, ProductsFamiliesRepository, type Variant } from './products.families.repository.js';

export type { Membership, Variant } from './products.families.repository.js';

/** The places of products in families, whose rules are those of the families. Each change of one is a new version of the product. */
@Injectable()
export class ProductsFamiliesService {
  constructor(
    private readonly products: ProductsFamiliesRepository,
    private readonly events: EventsService,
  ) {}

  /** Locks products, and all members of families, until the end of the unit of work. @returns those that exist, by their ids. */
  async lock(productIds: readonly string[], familyIds: readonly string[]): Promise<Map<string, Variant>> {
    return new Map((await this.products.lock(productIds, familyIds)).map((row) => [row.id, row]));
  }

  /** Puts locked products into families, or takes them out. */
  async place(memberships: readonly Membership[]): Promise<void> {
    if (memberships.length === 0) return;
    const placed = await this.products.update(memberships);
    this.events.publishAll(
      ProductUpdated,
      placed.map((product) => ({ id: product.id, version: product.version, data: product })),
    );
  }
}
