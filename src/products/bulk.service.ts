import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { CategoriesService } from '../categories/categories.service.js';
import { run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { Clock } from '../common/time/clock.js';
import {
  type BulkProduct,
  type BulkResult,
  changedDraft,
  differs,
  type Draft,
  type Item,
  newDraft,
  type Present,
  refusalOf,
  sortedSet,
} from './bulk.drafts.js';
import { Product } from './entities/product.entity.js';
import { slugOf } from './products.service.js';

export type { BulkProduct } from './bulk.drafts.js';

/** Writes many products at once, by their SKUs, with a number of statements that doesn't depend on how many there are. */
@Injectable()
export class ProductBulk {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly categories: CategoriesService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes the products whose SKU is new, and changes the others to what is given; those that are so already keep their
   * version. All in one transaction. The same SKU given twice is written twice, in order.
   */
  async upsertMany(products: readonly BulkProduct[], actorId: string | null = null): Promise<BulkResult> {
    return this.transactions.run(async () => {
      // Before any product is locked, for it may have to wait for others who make categories.
      let items = await this.placed(products);
      const result: BulkResult = { created: 0, updated: 0, unchanged: 0, refused: [] };
      while (items.length > 0) {
        const bySku = new Map(items.toReversed().map((item) => [item.product.sku, item]));
        const present = await this.lock([...bySku.keys()]);
        const fresh = [...bySku.values()].filter(({ product }) => !present.has(product.sku));
        const created = await this.insert(fresh, actorId);
        const known = [...bySku.values()].filter(({ product }) => present.has(product.sku));
        result.created += created.size;
        await this.change(known, present, actorId, result);
        const done = new Set([...known, ...fresh.filter(({ product }) => created.has(product.sku))]);
        // Left are later ones of the same SKU, and those that somebody else made between our look and our insertion.
        items = items.filter((item) => !done.has(item));
      }
      return result;
    });
  }

  private async placed(products: readonly BulkProduct[]): Promise<Item[]> {
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

  /** The products there are, held until the transaction ends; in the order of their ids, so that no two wait for each other. */
  private async lock(skus: readonly string[]): Promise<Map<string, Present>> {
    const rows = await run<Present>(
      this.products.manager,
      sql`SELECT id, sku, name, description, price_amount AS "priceAmount", price_currency AS "priceCurrency", attributes,
            status, on_hand AS "onHand", reserved
          FROM products WHERE sku = ANY (${skus}) ORDER BY id FOR UPDATE`,
    );
    return new Map(rows.map((row) => [row.sku, row]));
  }

  /** @returns the SKUs that were new indeed. */
  private async insert(items: readonly Item[], actorId: string | null): Promise<Set<string>> {
    if (items.length === 0) return new Set();
    const drafts = await this.withFreeSlugs(items.map(newDraft));
    // In the order of the SKUs, so that of two transactions with the same ones the second waits at the first of them.
    const inserted = await run<{ sku: string }>(
      this.products.manager,
      sql`INSERT INTO products
            (id, sku, slug, name, description, price_amount, price_currency, attributes, status, on_hand)
          SELECT id, sku, slug, name, description, "priceAmount", "priceCurrency", attributes, status, "onHand"
          FROM jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) AS draft (
            id uuid, sku text, slug text, name text, description text, "priceAmount" bigint, "priceCurrency" text,
            attributes jsonb, status text, "onHand" integer)
          ORDER BY sku COLLATE "C"
          ON CONFLICT (sku) DO NOTHING RETURNING sku`,
    );
    const skus = new Set(inserted.map(({ sku }) => sku));
    const written = drafts.filter(({ sku }) => skus.has(sku));
    await this.place(written, false);
    await this.recordMovements(written, actorId);
    return skus;
  }

  /** Of fifty thousand products of one name, two would end in the same eight hexadecimal digits: such a one gets another id. */
  private async withFreeSlugs(drafts: readonly Draft[]): Promise<(Draft & { slug: string })[]> {
    const named = drafts.map((draft) => ({ ...draft, slug: slugOf(draft.name, draft.id) }));
    const rows = await run<{ slug: string }>(
      this.products.manager,
      sql`SELECT slug FROM products WHERE slug = ANY (${named.map(({ slug }) => slug)})`,
    );
    const taken = new Set(rows.map(({ slug }) => slug));
    for (const draft of named) {
      while (taken.has(draft.slug)) {
        draft.id = uuidv7();
        draft.slug = slugOf(draft.name, draft.id);
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
    const changed: Draft[] = [];
    for (const item of items) {
      const before = present.get(item.product.sku);
      if (!before) continue;
      const draft = changedDraft(item, before);
      const refusal = refusalOf(draft, before);
      if (refusal) result.refused.push({ index: item.index, ...refusal });
      else if (differs(draft, before, categoriesOf.get(before.id) ?? [])) changed.push(draft);
      else result.unchanged++;
    }
    result.updated += changed.length;
    await this.update(changed);
    await this.place(changed, true);
    await this.recordMovements(changed, actorId);
  }

  /** The categories of those products that are given some, by product; read under the lock of the products. */
  private async categoriesOf(
    items: readonly Item[],
    present: ReadonlyMap<string, Present>,
  ): Promise<Map<string, string[]>> {
    const ids = items.flatMap(({ product, categoryIds }) => (categoryIds ? (present.get(product.sku)?.id ?? []) : []));
    if (ids.length === 0) return new Map();
    const rows = await run<{ productId: string; categoryIds: string[] }>(
      this.products.manager,
      sql`SELECT product_id AS "productId", array_agg(category_id::text ORDER BY category_id) AS "categoryIds"
          FROM product_categories WHERE product_id = ANY (${ids}) GROUP BY product_id`,
    );
    return new Map(rows.map(({ productId, categoryIds }) => [productId, categoryIds]));
  }

  /** Each is another version, though only its categories may differ. */
  private async update(drafts: readonly Draft[]): Promise<void> {
    if (drafts.length === 0) return;
    await run(
      this.products.manager,
      sql`UPDATE products p
          SET name = draft.name, description = draft.description, price_amount = draft."priceAmount",
            price_currency = draft."priceCurrency", attributes = draft.attributes, status = draft.status,
            on_hand = draft."onHand", version = p.version + 1
          FROM jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) AS draft (
            id uuid, name text, description text, "priceAmount" bigint, "priceCurrency" text, attributes jsonb, status text,
            "onHand" integer)
          WHERE p.id = draft.id`,
    );
  }

  /** Puts each product into exactly its categories, where they are given. */
  private async place(drafts: readonly Draft[], existed: boolean): Promise<void> {
    const placed = drafts.filter(({ categoryIds }) => categoryIds);
    if (placed.length === 0) return;
    const given = JSON.stringify(placed.map(({ id, categoryIds }) => ({ id, categoryIds })));
    if (existed) {
      await run(
        this.products.manager,
        sql`DELETE FROM product_categories pc
            USING jsonb_to_recordset(${given}::jsonb) AS draft (id uuid, "categoryIds" uuid[])
            WHERE pc.product_id = draft.id AND pc.category_id <> ALL (draft."categoryIds")`,
      );
    }
    await run(
      this.products.manager,
      sql`INSERT INTO product_categories (product_id, category_id)
          SELECT draft.id, unnest(draft."categoryIds")
          FROM jsonb_to_recordset(${given}::jsonb) AS draft (id uuid, "categoryIds" uuid[])
          ON CONFLICT DO NOTHING`,
    );
  }

  private async recordMovements(drafts: readonly Draft[], actorId: string | null): Promise<void> {
    const moved = drafts.filter(({ delta }) => delta !== 0);
    if (moved.length === 0) return;
    const movements = moved.map(({ id, delta, onHand }) => ({ id: uuidv7(), productId: id, delta, onHand }));
    await run(
      this.products.manager,
      sql`INSERT INTO stock_movements (id, product_id, delta, on_hand, reason, actor_id, created_at)
          SELECT id, "productId", delta, "onHand", 'import', ${actorId}::uuid, ${this.clock.now()}
          FROM jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) AS movement (
            id uuid, "productId" uuid, delta integer, "onHand" integer)`,
    );
  }
}
