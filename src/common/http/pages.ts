import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { countRows, type KeysetQuery, type Position, readPage } from '../database/keyset.js';
import { Cursors } from './cursors.js';
import { MAX_TOTAL, type PageInfo, type PageQuery } from './page.dto.js';

/** A list that a client asks a page of: its filters and sort, and the row that the page begins after. */
export interface AskedList<Q extends PageQuery> {
  query: Q;
  after?: Position;
}

/** Reads lists page by page: from the query a client sent to the body that it gets. */
@Injectable()
export class Pages {
  constructor(private readonly cursors: Cursors) {}

  /** The list that is asked for, by its filters or by the cursor that carries them. @throws Problem 400 for a bad cursor. */
  open<Q extends PageQuery>(asked: Q): AskedList<Q> {
    return this.cursors.read(asked);
  }

  /** The page asked for, each row as `toDto` shows it; how many rows there are in all is counted if that is asked for. */
  async read<R extends { id: string }, D>(
    manager: EntityManager,
    { query, after }: AskedList<PageQuery>,
    keyset: Omit<KeysetQuery, 'limit' | 'after'>,
    toDto: (row: R) => D,
  ): Promise<{ data: D[]; page: PageInfo }> {
    const { rows, next } = await readPage<R>(manager, { ...keyset, limit: query.limit, after });
    const total = query.include?.includes('total') ? await countRows(manager, keyset, MAX_TOTAL) : undefined;
    return {
      data: rows.map(toDto),
      page: { limit: query.limit, next: next ? this.cursors.seal(query, next) : null, total },
    };
  }
}
