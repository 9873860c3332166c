import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CategoriesService } from '../categories/categories.service.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { slugOf } from '../common/text/slug.js';
import { InventoryService, type StockCausation, type StockChange } from '../inventory/inventory.service.js';
import {
  type BulkProduct,
  type BulkResult,
  changedDraft,
  changeOfStock,
  differs,
  type Draft,
  type Item,
  type NewDraft,
  newDraft,
  type Present,
  refusalOf,
  sortedSet,
} from './products.bulk.drafts.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductCreated, ProductUpdated } from './products.events.js';
import { skuKey } from './products.skus.js';

export type { BulkProduct, BulkResult } from './products.bulk.drafts.js';
export { skuKey } from './products.skus.js';

/** Writes many products at once, by their SKUs, with a number of statements that doesn't depend on how many there are. */
@Injectable()
export class ProductsBulkService {
  constructor(
    private readonly products: ProductsBulkRepository,
    private readonly categories: CategoriesService,
    private readonly inventory: InventoryService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Makes the products whose SKU is new, and changes the others to what is given; those that are so already keep their
   * version. A new one without a name or price is refused. All in one transaction. The same SKU given twice is written twice, in
   * order. A product keeps the spelling of its SKU.
   */
  async upsertMany(products: readonly BulkProduct[], actorId: string | null = null): Promise<BulkResult> {
    return this.transactions.run(async () => {
      // Before any product is locked, for it may have to wait for others who make categories.
      let items = await this.ensureCategories(products);
      const result: BulkResult = { created: 0, createdSkus: [], updated: 0, unchanged: 0, refused: [] };
      while (items.length > 0) {
        const bySku = new Map(items.toReversed().map((item) => [skuKey(item.product.sku), item]));
        const present = await this.lock([...bySku.keys()], items.length < products.length);
        const fresh = [...bySku.values()].filter(({ product }) => !present.has(skuKey(product.sku)));
        const known = [...bySku.values()].filter(({ product }) => present.has(skuKey(product.sku)));
        const drafts = fresh.map(newDraft);
        const refused = drafts.filter((draft) => 'code' in draft);
        const created = await this.insert(
          drafts.filter((draft) => 'id' in draft),
          actorId,
        );
        result.created += created.size;
        result.createdSkus.push(...created);
        result.refused.push(...refused);
        await this.change(known, present, actorId, result);
        const refusedAt = new Set(refused.map(({ index }) => index));
        const isDone = ({ index, product }: Item): boolean => created.has(product.sku) || refusedAt.has(index);
        const done = new Set([...known, ...fresh.filter(isDone)]);
        // Left are later ones of the same SKU, and those that somebody else made between our look and our insertion.
        items = items.filter((item) => !done.has(item));
      }
      return result;
    });
  }

  private async ensureCategories(products: readonly BulkProduct[]): Promise<Item[]> {
    const paths = new Map(
      products.flatMap(({ categories = [] }) => categories.map((path) => [JSON.stringify(path), path])),
    );
    const ids = await this.categories.ensurePaths([...paths.values()]);
    const idOf = new Map([...paths.keys()].map((key, place) => [key, ids[place]]));
    return products.map((product, index) => ({
      index,
      product,
      categoryIds: product.categories && sortedSet(product.categories.map((path) => idOf.get(JSON.stringify(path)))),
    }));
  }

  /** The products there are, by {@link skuKey}, held until the transaction ends. */
  private async lock(skus: readonly string[], isAgain: boolean): Promise<Map<string, Present>> {
    return new Map((await this.products.lock(skus, isAgain)).map((row) => [skuKey(row.sku), row]));
  }

  /** @returns the SKUs that were new indeed. */
  private async insert(fresh: readonly Draft[], actorId: string | null): Promise<Set<string>> {
    if (fresh.length === 0) return new Set();
    const drafts = await this.withFreeSlugs(fresh);
    const skus = new Set(await this.products.insert(drafts));
    const written = drafts.filter(({ sku }) => skus.has(sku));
    await this.place(written, false);
    this.events.publishAll(
      ProductCreated,
      written.map((draft) => ({ id: draft.id, version: 1, data: draft })),
    );
    const levels = written.map(({ id, onHand = 0 }) => ({ productId: id, delta: onHand, onHand }));
    await this.inventory.createLevels(levels, causationOf(actorId));
    return skus;
  }

  /** Of fifty thousand products of one name, two would end in the same eight hexadecimal digits: such a one gets another id. */
  private async withFreeSlugs(drafts: readonly Draft[]): Promise<NewDraft[]> {
    const named = drafts.map((draft) => ({ ...draft, slug: slugOf(draft.name, draft.id, 'product') }));
    const taken = new Set(await this.products.findSlugs(named.map(({ slug }) => slug)));
    for (const draft of named) {
      while (taken.has(draft.slug)) {
        draft.id = uuidv7();
        draft.slug = slugOf(draft.name, draft.id, 'product');
      }
      taken.add(draft.slug);
    }
    return named;
  }

  /** Brings products that exist to what is given, and counts in `result` what became of each. */
  private async change(
    items: readonly Item[],
    present: ReadonlyMap<string, Present>,
    actorId: string | null,
    result: BulkResult,
  ): Promise<void> {
    const categoriesOf = await this.categoriesOf(items, present);
    const stockOf = await this.inventory.lockLevels(
      items.flatMap(({ product }) => (product.stock === undefined ? [] : (present.get(skuKey(product.sku))?.id ?? []))),
    );
    const changed: Draft[] = [];
    const moved: StockChange[] = [];
    for (const item of items) {
      const before = present.get(skuKey(item.product.sku));
      if (!before) continue;
      const draft = changedDraft(item, before);
      const stock = stockOf.get(before.id);
      const refusal = refusalOf(draft, stock);
      if (refusal) {
        result.refused.push({ index: item.index, ...refusal });
        continue;
      }
      const isOther = differs(draft, before, categoriesOf.get(before.id) ?? []);
      const change = stock && changeOfStock(draft, stock);
      if (isOther) changed.push(draft);
      if (change) moved.push(change);
      if (isOther || change) result.updated++;
      else result.unchanged++;
    }
    const updated = changed.length > 0 ? await this.products.update(changed) : [];
    await this.place(changed, true);
    this.events.publishAll(
      ProductUpdated,
      updated.map((product) => ({ id: product.id, version: product.version, data: product })),
    );
    await this.inventory.changeLevels(moved, causationOf(actorId));
  }

  /** The categories of those products that are given some, by product; read under the lock of the products. */
  private async categoriesOf(
    items: readonly Item[],
    present: ReadonlyMap<string, Present>,
  ): Promise<Map<string, string[]>> {
    const ids = items.flatMap(({ product, categoryIds }) =>
      categoryIds ? (present.get(skuKey(product.sku))?.id ?? []) : [],
    );
    if (ids.length === 0) return new Map();
    const rows = await this.products.findCategories(ids);
    return new Map(rows.map(({ productId, categoryIds }) => [productId, categoryIds]));
  }

  /** Puts each product into exactly its categories, where they are given. */
  private async place(drafts: readonly Draft[], existed: boolean): Promise<void> {
    const placements = drafts.flatMap(({ id, categoryIds }) => (categoryIds ? [{ productId: id, categoryIds }] : []));
    if (placements.length === 0) return;
    if (existed) await this.products.deleteOtherCategories(placements);
    await this.products.insertCategories(placements);
  }
}

const causationOf = (actorId: string | null): StockCausation => ({ cause: 'import', reason: 'import', actorId });
