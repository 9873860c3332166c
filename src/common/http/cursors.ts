import { Injectable } from '@nestjs/common';
import type { Position } from '../database/keyset.js';
import { Secrets } from '../security/secrets.js';
import type { PageQuery } from './page.dto.js';
import { Problem } from './problem.js';
import { InvalidCursor } from './problems.js';

/** Cursors: which list (filters and sort) and where in it, sealed, so that a client can neither read nor forge one. */
@Injectable()
export class Cursors {
  constructor(private readonly secrets: Secrets) {}

  /** The cursor of what follows `position` in the list that `query` asks for: the same each time, as the page's ETag is. */
  seal(query: PageQuery, position: Position): string {
    return this.secrets.sealAlike('cursor', JSON.stringify([position.key, position.id, filtersOf(query)]));
  }

  /**
   * The list and the place in it that `query` means: with a cursor, the filters and sort inside of it.
   * @throws Problem 400 for a cursor that isn't ours or that another filter or sort is sent along with.
   */
  read<Q extends PageQuery>(query: Q): { query: Q; after?: Position } {
    if (query.cursor === undefined) return { query };
    const opened = this.secrets.open('cursor', query.cursor);
    if (opened === undefined) throw this.invalid('It was not made by this server.');
    const [key, id, filters] = JSON.parse(opened) as [string, string, Partial<Q>];
    const sent = Object.entries(filtersOf(query));
    if (sent.some(([name, value]) => JSON.stringify(value) !== JSON.stringify(filters[name as keyof Q]))) {
      throw this.invalid('It was made for another filter or sort.');
    }
    return { query: Object.assign(query, filters), after: { key, id } };
  }

  private invalid(reason: string): Problem {
    return new Problem(InvalidCursor, `${reason} Start again from the first page.`, {
      errors: [{ parameter: 'cursor', code: 'cursor', detail: reason }],
    });
  }
}

/** What makes the list what it is: everything but where in it and how much of it. */
function filtersOf<Q extends PageQuery>({ cursor: _cursor, limit: _limit, ...filters }: Q): Omit<Q, keyof PageQuery> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as Omit<
    Q,
    keyof PageQuery
  >;
}
