import { isDeepStrictEqual } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { type Attributes, type AttributesPatch, MAX_ATTRIBUTES } from '../common/attributes/attributes.js';
import { mergePatch } from '../common/http/syntax/merge-patch.js';
import type { MoneyDto } from '../common/money/money.dto.js';
import type { StockChange } from '../inventory/inventory.service.js';
import type { ProductRow } from './dto/product.dto.js';
import type { ProductStatus } from './entities/product.entity.js';

/** A product as a catalogue gives it: what is left out stays as it is, and takes its default in a new product. */
export interface BulkProduct {
  sku: string;
  /** A new product must have one. */
  name?: string;
  /** Null takes it away. */
  description?: string | null;
  /** A new product must have one. */
  price?: MoneyDto;
  /** Paths from the top down, e.g. `['Home & Garden', 'Lanterns']`; the product is then in exactly these. */
  categories?: string[][];
  /** Units on hand. */
  stock?: number;
  status?: ProductStatus;
  /** Merged with those there are; null removes one. */
  attributes?: AttributesPatch;
}

/** Why one product was not written, and nothing of it. */
export interface BulkRefusal {
  /** Its place among the products given. */
  index: number;
  member: 'sku' | 'stock' | 'attributes';
  code: 'incomplete' | 'out-of-stock' | 'maxProperties';
  detail: string;
}

/** What became of the products. */
export interface BulkResult {
  created: number;
  /** The SKUs of those that were created, each as it was given. */
  createdSkus: string[];
  updated: number;
  unchanged: number;
  refused: BulkRefusal[];
}

/** All that is written of a product but its stock. */
interface Content {
  name: string;
  description: string | null;
  priceAmount: number;
  priceCurrency: string;
  attributes: Attributes;
  status: ProductStatus;
}

/** A product as it is. */
export interface Present extends Content {
  id: string;
  sku: string;
}

/** How much there is of it. */
export type PresentStock = Pick<ProductRow, 'onHand' | 'reserved'>;

/** A product as it is to be. */
export interface Draft extends Content {
  id: string;
  sku: string;
  /** Units on hand; undefined when they stay. */
  onHand?: number;
  /** The ids of its categories, in order; undefined when they stay. */
  categoryIds?: string[];
}

/** A product that is not there yet, with the slug it gets. */
export type NewDraft = Draft & { slug: string };

/** One of the products given. */
export interface Item {
  index: number;
  product: BulkProduct;
  categoryIds?: string[];
}

const LIST = new Intl.ListFormat('en-GB');

/** The ids once each, in order; the order that PostgreSQL has for them too. */
export const sortedSet = (ids: readonly (string | undefined)[]): string[] =>
  [...new Set(ids.filter((id) => id !== undefined))].sort();

/** What a product is that is not there yet; or why there is too little of it. */
export function newDraft({ index, product, categoryIds }: Item): Draft | BulkRefusal {
  const { sku, name, description = null, price, stock = 0, status = 'active', attributes = {} } = product;
  if (name === undefined || price === undefined) {
    const missing = [...(name === undefined ? ['name'] : []), ...(price ? [] : ['price.amount', 'price.currency'])];
    const detail = `is not the SKU of a product, and a new one also needs ${LIST.format(missing)}`;
    return { index, member: 'sku', code: 'incomplete', detail };
  }
  return {
    id: uuidv7(),
    sku,
    name,
    description,
    priceAmount: price.amount,
    priceCurrency: price.currency,
    attributes: mergePatch<Attributes[string]>({}, attributes),
    status,
    onHand: stock,
    categoryIds,
  };
}

/** What a product becomes that is there. */
export function changedDraft({ product, categoryIds }: Item, before: Present): Draft {
  const { name = before.name, description = before.description, price, stock, status = before.status } = product;
  const { attributes } = product;
  return {
    id: before.id,
    sku: before.sku,
    name,
    description,
    priceAmount: price?.amount ?? before.priceAmount,
    priceCurrency: price?.currency ?? before.priceCurrency,
    attributes: attributes ? mergePatch<Attributes[string]>(before.attributes, attributes) : before.attributes,
    status,
    onHand: stock,
    categoryIds,
  };
}

/** Why that can't be, if it can't. */
export function refusalOf(draft: Draft, stock?: PresentStock): Omit<BulkRefusal, 'index'> | undefined {
  if (stock && draft.onHand !== undefined && draft.onHand < stock.reserved) {
    const detail = `must be at least ${String(stock.reserved)}, which are reserved`;
    return { member: 'stock', code: 'out-of-stock', detail };
  }
  if (Object.keys(draft.attributes).length > MAX_ATTRIBUTES) {
    const detail = `must be at most ${String(MAX_ATTRIBUTES)}, those that the product has already among them`;
    return { member: 'attributes', code: 'maxProperties', detail };
  }
  return undefined;
}

/** How its stock changes; undefined when it stays. */
export function changeOfStock({ id, onHand }: Draft, stock: PresentStock): StockChange | undefined {
  if (onHand === undefined || onHand === stock.onHand) return undefined;
  return { productId: id, delta: onHand - stock.onHand, onHand };
}

/** Whether anything but its stock is to be written. */
export const differs = (draft: Draft, before: Present, categoryIds: readonly string[]): boolean =>
  draft.name !== before.name ||
  draft.description !== before.description ||
  draft.priceAmount !== before.priceAmount ||
  draft.priceCurrency !== before.priceCurrency ||
  draft.status !== before.status ||
  !isDeepStrictEqual(draft.attributes, before.attributes) ||
  (draft.categoryIds !== undefined && !isDeepStrictEqual(draft.categoryIds, categoryIds));
