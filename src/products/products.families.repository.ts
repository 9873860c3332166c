import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { run } from '../common/database/statements.js';
import type { FamilyOfRow } from './dto/product-variants.dto.js';
import { Product } from './entities/product.entity.js';

/** A product as far as families look at it. */
export type Variant = Pick<Product, 'id' | 'familyId' | 'familyName' | 'familyOptions'>;

/** The place of a product in a family, or in none. */
export interface Membership extends FamilyOfRow {
  productId: string;
  /** What no other member of the family has; null without a family. */
  familyKey: string | null;
}

/** All SQL about the places of products in families: each method is one statement, however many there are. */
@Injectable()
export class ProductsFamiliesRepository {
  constructor(@InjectRepository(Product) private readonly rows: Repository<Product>) {}

  /** Locks products, and all members of families, until the end of the transaction; in the order of their ids. */
  async lock(productIds: readonly string[], familyIds: readonly string[]): Promise<Variant[]> {
    declareLock('product');
    return run(
      this.rows.manager,
      sql`SELECT id, family_id AS "familyId", family_name AS "familyName", family_options AS "familyOptions"
          FROM products WHERE id = ANY (${productIds}) OR family_id = ANY (${familyIds})
          ORDER BY id FOR NO KEY UPDATE`,
    );
  }

  /** Puts products into families, or takes them out. @returns the new versions. */
  async update(memberships: readonly Membership[]): Promise<Pick<Product, 'id' | 'version' | 'sku' | 'status'>[]> {
    return run(
      this.rows.manager,
      sql`UPDATE products p
          SET family_id = place."familyId", family_name = place."familyName", family_options = place."familyOptions",
            family_key = place."familyKey"
          FROM jsonb_to_recordset(${JSON.stringify(memberships)}::jsonb) AS place (
            "productId" uuid, "familyId" uuid, "familyName" text, "familyOptions" jsonb, "familyKey" text)
          WHERE p.id = place."productId" RETURNING p.id, p.version, p.sku, p.status`,
    );
  }
}
