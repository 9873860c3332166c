import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run, runForRow } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import type { RatingTotals } from '../products/dto/product.dto.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import type { ReviewQuery, ReviewSort } from './dto/review-query.dto.js';
import type { ReviewRow, ReviewState } from './dto/review.dto.js';
import { Review } from './entities/review.entity.js';

/** Who writes a review, or reads one. */
export type Author = Pick<Caller, 'userId' | 'permissions'>;

const COLUMNS = raw(`
  r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title,
  r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"`);

/** The author of `reviews r`, whom every review has; LEFT JOIN is left out by PostgreSQL where nothing of it is asked for, as in counts. */
const AUTHOR = raw('LEFT JOIN users u ON u.id = r.owner_id');

/** The rows of reviews, and all SQL about them. */
@Injectable()
export class ReviewsRepository {
  constructor(
    @InjectRepository(Review) private readonly rows: Repository<Review>,
    private readonly pages: Pages,
  ) {}

  /** One page of a list, of the reviews that the reader may see. */
  async readPage(list: AskedList<ReviewQuery>, reader?: Author): Promise<Page<ReviewRow>> {
    return this.pages.read<ReviewRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: sql`reviews r ${AUTHOR}`,
      where: [isVisible(reader), ...conditionsOf(list.query)],
      id: raw('r.id'),
      sort: SORTS[list.query.sort ?? '-createdAt'],
    });
  }

  async find(id: string, reader?: Author): Promise<ReviewRow | undefined> {
    const [row] = await queryShared<ReviewRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM reviews r ${AUTHOR} WHERE r.id = ${id} AND ${isVisible(reader)}`,
    );
    return row;
  }

  /** The state of a review that the reader may see. */
  async findState(id: string, reader?: Author): Promise<ReviewState | undefined> {
    const [row] = await queryShared<ReviewState>(
      this.rows.manager,
      sql`SELECT r.version, u.name AS "authorName" FROM reviews r ${AUTHOR}
          WHERE r.id = ${id} AND ${isVisible(reader)}`,
    );
    return row;
  }

  /** How many reviews a product has, and the sum of their ratings. */
  async sumRatings(productId: string): Promise<RatingTotals> {
    return runForRow(
      this.rows.manager,
      sql`SELECT count(*)::integer AS "ratingCount", coalesce(sum(rating), 0)::integer AS "ratingSum"
          FROM reviews WHERE product_id = ${productId}`,
    );
  }

  /** Locks a row until the end of the transaction. */
  async lock(id: string): Promise<Review | null> {
    declareLock('review');
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** @returns whether it was inserted: not when there is no such product for its author. */
  async insert(
    { id, productId, rating, title, body }: Pick<Review, 'id' | 'productId' | 'rating' | 'title' | 'body'>,
    author: Author,
  ): Promise<boolean> {
    const inserted = await run(
      this.rows.manager,
      sql`INSERT INTO reviews (id, owner_id, product_id, rating, title, body)
          SELECT ${id}::uuid, ${author.userId}::uuid, p.id, ${rating}::integer, ${title}::text, ${body}::text
          FROM products p WHERE p.id = ${productId} AND (${seesHiddenProducts(author)} OR p.status = 'active')
          RETURNING id`,
    );
    return inserted.length > 0;
  }

  async update(id: string, change: Partial<Pick<Review, 'rating' | 'title' | 'body'>>): Promise<void> {
    await this.rows.update(id, change);
  }

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }
}

/** Reviews of products that are hidden from a reader are hidden, too; but everybody sees their own. */
const isVisible = (reader: Author | undefined): Sql => {
  if (seesHiddenProducts(reader)) return sql`true`;
  const isOfActive = raw("EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')");
  return reader ? sql`(${isOfActive} OR r.owner_id = ${reader.userId})` : isOfActive;
};

const conditionsOf = ({ ownerId, productId, minRating, maxRating }: ReviewQuery): Sql[] =>
  [
    ownerId !== undefined && sql`r.owner_id = ${ownerId}`,
    productId !== undefined && sql`r.product_id = ${productId}`,
    minRating !== undefined && sql`r.rating >= ${minRating}`,
    maxRating !== undefined && sql`r.rating <= ${maxRating}`,
  ].filter((condition) => condition !== false);

const SORTS: Record<ReviewSort, SortKey> = {
  rating: { expression: raw('r.rating'), type: 'bigint', descending: false },
  '-rating': { expression: raw('r.rating'), type: 'bigint', descending: true },
  createdAt: { expression: raw('r.created_at'), type: 'timestamptz', descending: false },
  '-createdAt': { expression: raw('r.created_at'), type: 'timestamptz', descending: true },
};
