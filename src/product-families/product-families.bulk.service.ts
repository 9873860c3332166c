import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { lengthOf } from '../common/text/text.js';
import { slugOf } from '../common/text/slug.js';
import { MAX_OPTION_VALUE } from '../products/dto/product-variants.dto.js';
import { type Membership, ProductsFamiliesService, type Variant } from '../products/products.families.service.js';
import { faultOfOptions } from './dto/product-family-input.dto.js';
import type { ProductFamily } from './entities/product-family.entity.js';
import { ProductFamilyCreated, ProductFamilyUpdated } from './product-families.events.js';
import { membersOf, planMembers, type WantedMember } from './product-families.members.js';
import { ProductFamiliesRepository } from './product-families.repository.js';

/** A family as it is to be, by its code. */
export interface BulkFamily {
  code: string;
  /** Of 1 to 200 characters. */
  name: string;
  options: readonly string[];
  /** Products with a value for each option, in the order of these. Members that are not given stay members. */
  members: readonly { productId: string; values: readonly string[] }[];
}

/** What became of a {@link BulkFamily}. */
export interface BulkFamilyResult {
  code: string;
  outcome: 'created' | 'updated' | 'unchanged' | 'refused';
  /** Why the family is refused, or which products are no members as they were given. */
  faults: { productId?: string; detail: string }[];
}

/** What is to be written of all families. */
interface Changes {
  families: Map<string, Pick<ProductFamily, 'id' | 'name' | 'options'>>;
  members: Map<string, Membership>;
}

/** Writes many families at once, by their codes, with a number of statements that doesn't depend on how many there are. */
@Injectable()
export class ProductFamiliesBulkService {
  constructor(
    private readonly families: ProductFamiliesRepository,
    private readonly products: ProductsFamiliesService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Makes the families whose code is new, and brings the others and their members to what is given; what is so already keeps its
   * version. All in one unit of work, which locks families before products.
   * @returns one result a family, in their order. What can't be done of one keeps nothing else from being done.
   */
  async ensureMany(families: readonly BulkFamily[]): Promise<BulkFamilyResult[]> {
    const valid = families.filter((family) => faultOfOptions(family.options) === undefined);
    return this.transactions.run(async () => {
      const created = await this.insertMissing(valid);
      const present = new Map(
        (await this.families.lockByCodes(valid.map(({ code }) => code))).map((row) => [row.code, row]),
      );
      const productIds = valid.flatMap(({ members }) => members.map(({ productId }) => productId));
      const locked = await this.products.lock(
        productIds,
        [...present.values()].map(({ id }) => id),
      );
      const changes: Changes = { families: new Map(), members: new Map() };
      const results = families.map((family): BulkFamilyResult => {
        const { code } = family;
        const row = present.get(code);
        if (!row) return { code, outcome: 'refused', faults: [{ detail: faultOfOptions(family.options) ?? '' }] };
        const { outcome, faults } = bring(row, family, locked, changes);
        return { code, outcome: created.has(row.id) ? 'created' : outcome, faults };
      });
      await this.write(changes, created, [...present.values()]);
      return results;
    });
  }

  /** @returns the ids of those that were new. */
  private async insertMissing(families: readonly BulkFamily[]): Promise<Set<string>> {
    const byCode = new Map(families.map((family) => [family.code, family]));
    const fresh = [...byCode.values()].map(({ code, name, options }) => {
      const id = uuidv7();
      return { id, code, name, options: [...options], slug: slugOf(name, id, 'family') };
    });
    return new Set(fresh.length > 0 ? await this.families.insertMissing(fresh) : []);
  }

  private async write(
    changes: Changes,
    created: ReadonlySet<string>,
    present: readonly ProductFamily[],
  ): Promise<void> {
    const changed = [...changes.families.values()].filter(({ id }) => !created.has(id));
    const updated = changed.length > 0 ? await this.families.updateMany(changed) : [];
    await this.products.place([...changes.members.values()]);
    const fresh = present.filter(({ id }) => created.has(id));
    this.events.publishAll(ProductFamilyCreated, fresh.map(announcementOf));
    this.events.publishAll(ProductFamilyUpdated, updated.map(announcementOf));
  }
}

/**
 * Notes in `changes` what brings a family to what is given, and in `locked` how its members are then: what follows for another family
 * is decided by that.
 */
function bring(
  row: ProductFamily,
  family: BulkFamily,
  locked: Map<string, Variant>,
  changes: Changes,
): Pick<BulkFamilyResult, 'outcome' | 'faults'> {
  const target = { id: row.id, name: family.name, options: [...family.options] };
  const given = new Set(family.members.map(({ productId }) => productId));
  const others = membersOf(row.id, locked).filter(({ productId }) => !given.has(productId));
  const wanted = [...others, ...family.members.map((member) => wantedOf(family, member))];
  const plan = planMembers(target, wanted, locked, true);
  const faults = plan.faults.map(({ index, detail }) => ({ productId: wanted[index]?.productId, detail }));
  if (plan.faults.some(({ index }) => index < others.length)) {
    return { outcome: 'refused', faults: [{ detail: 'members that are not given have other options' }] };
  }
  const isOther = row.name !== target.name || row.options.join(':') !== target.options.join(':');
  if (!isOther && plan.changes.length === 0) return { outcome: 'unchanged', faults };
  Object.assign(row, target);
  changes.families.set(row.id, target);
  for (const change of plan.changes) {
    changes.members.set(change.productId, change);
    locked.set(change.productId, { id: change.productId, ...change });
  }
  return { outcome: 'updated', faults };
}

/** A member with its values by the names of the options; one with a wrong number of them, or a wrong one, with none. */
function wantedOf({ options }: BulkFamily, { productId, values }: BulkFamily['members'][number]): WantedMember {
  const isWhole =
    values.length === options.length &&
    values.every((value) => value.trim() !== '' && lengthOf(value) <= MAX_OPTION_VALUE);
  return { productId, options: isWhole ? Object.fromEntries(options.map((name, at) => [name, values[at] ?? ''])) : {} };
}

const announcementOf = ({ id, version, code }: Pick<ProductFamily, 'id' | 'version' | 'code'>) => ({
  id,
  version,
  data: { code },
});
