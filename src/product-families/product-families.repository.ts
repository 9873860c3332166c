import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { collated, type SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import type { ProductFamilyQuery, ProductFamilySort } from './dto/product-family-query.dto.js';
import type { ListedProductFamilyRow, ProductFamilyRow, ProductFamilyState } from './dto/product-family.dto.js';
import { ProductFamily } from './entities/product-family.entity.js';

/** What the application writes of a family. */
export type FamilyContent = Pick<ProductFamily, 'id' | 'code' | 'name' | 'slug' | 'options'>;

/** Who reads. */
type Reader = Pick<Caller, 'permissions'>;

const COLUMNS = raw(`
  f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt"`);

/** The members `p` of `product_families f` that a reader may see. */
const visibleMembers = (reader: Reader | undefined): Sql =>
  seesHiddenProducts(reader)
    ? raw('products p WHERE p.family_id = f.id')
    : raw(`products p WHERE p.family_id = f.id AND p.status = 'active'`);

/** The rows of product families, and all SQL about them. */
@Injectable()
export class ProductFamiliesRepository {
  constructor(
    @InjectRepository(ProductFamily) private readonly rows: Repository<ProductFamily>,
    private readonly pages: Pages,
  ) {}

  /** One page of the families that the reader may see: for staff all of them, else those with a member to be seen. */
  async readPage(list: AskedList<ProductFamilyQuery>, reader?: Reader): Promise<Page<ListedProductFamilyRow>> {
    const { code, slug, sort } = list.query;
    return this.pages.read<ListedProductFamilyRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('product_families f'),
      where: [
        ...(code === undefined ? [] : [sql`f.code = ${code}`]),
        ...(slug === undefined ? [] : [sql`f.slug = ${slug}`]),
        ...(seesHiddenProducts(reader) ? [] : [sql`EXISTS (SELECT FROM ${visibleMembers(reader)})`]),
      ],
      id: raw('f.id'),
      sort: SORTS[sort ?? '-createdAt'],
    });
  }

  /** A family with the members that the reader may see. */
  async find(id: string, reader?: Reader): Promise<ProductFamilyRow | undefined> {
    const [row] = await queryShared<ProductFamilyRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS}, coalesce((
            SELECT json_agg(json_build_object('productId', p.id, 'options', p.family_options) ORDER BY p.id)
            FROM ${visibleMembers(reader)}
          ), '[]') AS members
          FROM product_families f WHERE f.id = ${id}`,
    );
    return row;
  }

  /** The state of what {@link find} gives. */
  async findState(id: string, reader?: Reader): Promise<ProductFamilyState | undefined> {
    const [row] = await queryShared<ProductFamilyState>(
      this.rows.manager,
      sql`SELECT f.version, array(SELECT p.id::text FROM ${visibleMembers(reader)} ORDER BY p.id) AS "memberIds"
          FROM product_families f WHERE f.id = ${id}`,
    );
    return row;
  }

  /** Locks a row until the end of the transaction, before any of its members. */
  async lock(id: string): Promise<ProductFamily | null> {
    declareLock('product family');
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Locks the families with these codes as {@link lock} does, in the order of their ids. */
  async lockByCodes(codes: readonly string[]): Promise<ProductFamily[]> {
    declareLock('product family');
    return run(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM product_families f WHERE f.code = ANY (${codes}) ORDER BY f.id FOR UPDATE`,
    );
  }

  async insert(family: FamilyContent): Promise<void> {
    await this.rows.insert(family);
  }

  /** Inserts those whose code is new, in the order of the codes. @returns the ids of those that were inserted. */
  async insertMissing(families: readonly FamilyContent[]): Promise<string[]> {
    const inserted = await run<{ id: string }>(
      this.rows.manager,
      sql`INSERT INTO product_families (id, code, name, slug, options)
          SELECT id, code, name, slug, options
          FROM jsonb_to_recordset(${JSON.stringify(families)}::jsonb) AS family (
            id uuid, code text, name text, slug text, options text[])
          ORDER BY code COLLATE "C" ON CONFLICT (code) DO NOTHING RETURNING id`,
    );
    return inserted.map(({ id }) => id);
  }

  /** Updates a family: it is another version, also when only its members have changed. */
  async update(
    id: string,
    change: Partial<Pick<ProductFamily, 'code' | 'name' | 'options' | 'version'>>,
  ): Promise<void> {
    await this.rows.update(id, change);
  }

  /** Updates locked families: each is another version, though only its members may differ. @returns the new versions. */
  async updateMany(
    families: readonly Pick<FamilyContent, 'id' | 'name' | 'options'>[],
  ): Promise<Pick<ProductFamily, 'id' | 'version' | 'code'>[]> {
    return run(
      this.rows.manager,
      sql`UPDATE product_families f SET name = family.name, options = family.options, version = f.version + 1
          FROM jsonb_to_recordset(${JSON.stringify(families)}::jsonb) AS family (id uuid, name text, options text[])
          WHERE f.id = family.id RETURNING f.id, f.version, f.code`,
    );
  }

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }
}

const BY_NAME = { expression: collated(raw('f.name')), type: 'text' } as const;
const BY_TIME = { expression: raw('f.created_at'), type: 'timestamptz' } as const;
const SORTS: Record<ProductFamilySort, SortKey> = {
  name: { ...BY_NAME, descending: false },
  '-name': { ...BY_NAME, descending: true },
  createdAt: { ...BY_TIME, descending: false },
  '-createdAt': { ...BY_TIME, descending: true },
};
