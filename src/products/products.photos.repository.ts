import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import type { ProductPhotoRow } from './dto/product-photo.dto.js';
import { ProductPhoto } from './entities/product-photo.entity.js';

/** The photos of `products p`, in their order, as a column. */
export const ITS_PHOTOS = raw(`coalesce((
    SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash,
      'state', ph.state, 'alt', pp.alt) ORDER BY pp.position)
    FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id
  ), '[]') AS photos`);

/** The rows that say which photos are of a product, and all SQL about them. */
@Injectable()
export class ProductsPhotosRepository {
  constructor(@InjectRepository(ProductPhoto) private readonly rows: Repository<ProductPhoto>) {}

  /** The photos of a product in their order. */
  async findOf(productId: string): Promise<ProductPhotoRow[]> {
    return run(
      this.rows.manager,
      sql`SELECT ph.id, ph.width, ph.height, ph.thumb_hash AS "thumbHash", ph.state, pp.alt
          FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id
          WHERE pp.product_id = ${productId} ORDER BY pp.position`,
    );
  }

  /** Those of some products that are there and have no photo. */
  async findWithoutPhotos(productIds: readonly string[]): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT p.id FROM products p
          WHERE p.id = ANY (${productIds}) AND NOT EXISTS (SELECT FROM product_photos pp WHERE pp.product_id = p.id)`,
    );
    return rows.map(({ id }) => id);
  }

  async insert(...rows: ProductPhoto[]): Promise<void> {
    await this.rows.insert(rows);
  }

  async update(photoId: string, change: Partial<Pick<ProductPhoto, 'alt'>>): Promise<void> {
    await this.rows.update(photoId, change);
  }

  async delete(photoIds: readonly string[]): Promise<void> {
    if (photoIds.length > 0) await this.rows.delete([...photoIds]);
  }

  /** Puts the photos of a product into this order. */
  async order(photoIds: readonly string[]): Promise<void> {
    if (photoIds.length === 0) return;
    await run(
      this.rows.manager,
      sql`UPDATE product_photos pp SET position = ordered.position
          FROM (VALUES ${join(photoIds.map((id, at) => sql`(${id}::uuid, ${at + 1}::integer)`))}) AS ordered (photo_id, position)
          WHERE pp.photo_id = ordered.photo_id AND pp.position <> ordered.position`,
    );
  }
}
