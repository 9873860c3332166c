import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { countRows, type KeysetQuery, readPage } from '../../database/keyset.js';
import { type AskedList, Cursors } from './cursors.js';
import { MAX_TOTAL, type PageInfo, type PageQuery } from './page.dto.js';
import { explainSearch } from './searches.js';

export type { AskedList } from './cursors.js';

/** A page of a list: what stands on it, and how to get the next one. */
export interface Page<T> {
  data: T[];
  page: PageInfo;
}

/** The same page with each row as `toDto` shows it. */
export const mapPage = <R, D>({ data, page }: Page<R>, toDto: (row: R) => D): Page<D> => ({
  data: data.map(toDto),
  page,
});

/** A list to read: all but what a client says of the page that it wants. */
export interface ListQuery extends Omit<KeysetQuery, 'limit' | 'after'> {
  /** The rows that the total is of, where the pages do not show all of them. */
  counted?: Pick<KeysetQuery, 'from' | 'where'>;
}

/** Reads lists page by page: from the query a client sent to the body that it gets. */
@Injectable()
export class Pages {
  constructor(private readonly cursors: Cursors) {}

  /**
   * The list that is asked for, by its filters or by the cursor that carries them.
   * @param scope the ids in the path of the list: a cursor of the movements of one product is not for those of another.
   * @throws AppError 400 for a cursor that is not of this list.
   */
  open<Q extends PageQuery>(asked: Q, ...scope: string[]): AskedList<Q> {
    return this.cursors.read(asked, scope);
  }

  /**
   * The rows of the page asked for; how many rows there are in all is counted if that is asked for.
   * @throws AppError `search-too-slow` or 503 for a list that is `expensive`.
   */
  async read<R extends { id: string }>(
    manager: EntityManager,
    list: AskedList<PageQuery>,
    { counted, ...keyset }: ListQuery,
  ): Promise<Page<R>> {
    const { query, after } = list;
    const withTotal = query.include?.includes('total') ?? false;
    const { rows, next, total } = await explainSearch(async () => ({
      ...(await readPage<R>(manager, { ...keyset, limit: query.limit, after })),
      total: withTotal ? await countRows(manager, { ...keyset, ...counted }, MAX_TOTAL + 1) : undefined,
    }));
    return {
      data: rows,
      page: {
        limit: query.limit,
        next: next ? this.cursors.seal(list, next) : null,
        ...(total !== undefined && { total: Math.min(total, MAX_TOTAL), totalIsEstimate: total > MAX_TOTAL }),
      },
    };
  }
}
