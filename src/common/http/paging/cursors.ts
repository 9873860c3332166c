import { Injectable } from '@nestjs/common';
import type { Position } from '../../database/keyset.js';
import { AppError } from '../../errors/app-error.js';
import { InvalidCursor } from '../../errors/errors.js';
import { Secrets } from '../../security/secrets.js';
import type { PageQuery } from './page.dto.js';

/** A list that a client asks a page of: which one, its filters and sort, and the row that the page begins after. */
export interface AskedList<Q extends PageQuery> {
  /** Which list it is, see {@link Cursors.read}. */
  name: string;
  query: Q;
  after?: Position;
  /** How the first page was read where there are several ways, so that all pages of one walk are read in the same way. */
  mode?: string;
}

/** What is in a cursor, as JSON: short, since a cursor travels in addresses. */
type Contents = [name: string, position: Position, filters: object, mode?: string];

/**
 * Cursors: which list (with its filters and sort) and which place in it, encrypted and authenticated, so that a client can
 * neither read nor change one.
 */
@Injectable()
export class Cursors {
  constructor(private readonly secrets: Secrets) {}

  /** The cursor of what follows `position` in a list: the same each time, as the page's ETag is. */
  seal({ name, query, mode }: AskedList<PageQuery>, position: Position): string {
    const contents: Contents = [name, position, filtersOf(query), mode];
    return this.secrets.sealDeterministic('cursor', JSON.stringify(contents));
  }

  /**
   * The list and the place in it that `query` means: with a cursor, the filters and sort inside of it. A list is named by
   * the class of its query, which belongs to one list, and by `scope`: the ids in its path, where it has some.
   * @throws AppError 400 for a cursor that was not created here, or for another list, or for another filter or sort than
   * those that are sent with it.
   */
  read<Q extends PageQuery>(query: Q, scope: readonly string[] = []): AskedList<Q> {
    const name = [listOf(query), ...scope].join(' ');
    if (query.cursor === undefined) return { name, query };
    const opened = this.secrets.open('cursor', query.cursor);
    if (opened === undefined) throw this.invalid('It was not created by this server.');
    const [list, after, filters, mode] = JSON.parse(opened) as Contents;
    if (list !== name) throw this.invalid('It was created for another list.');
    const known = new Map<string, unknown>(Object.entries(filters));
    const sent = Object.entries(filtersOf(query));
    if (sent.some(([filter, value]) => JSON.stringify(value) !== JSON.stringify(known.get(filter)))) {
      throw this.invalid('It was created for another filter or sort.');
    }
    return { name, query: Object.assign(query, filters), after, ...(typeof mode === 'string' && { mode }) };
  }

  private invalid(reason: string): AppError {
    return new AppError(InvalidCursor, `${reason} Start again from the first page.`, {
      errors: [{ parameter: 'cursor', code: 'cursor', detail: reason }],
    });
  }
}

const lists = new Map<string, unknown>();

/** The name of the class of a query. @throws Error when two classes have one name: a cursor could not tell their lists apart. */
function listOf({ constructor }: PageQuery): string {
  const { name } = constructor;
  const known = lists.get(name);
  if (known === undefined) lists.set(name, constructor);
  else if (known !== constructor) throw new Error(`two lists have a query class named ${name}: rename one of them`);
  return name;
}

/** What makes the list what it is: everything but where in it and how much of it. */
function filtersOf<Q extends PageQuery>({ cursor: _cursor, limit: _limit, ...filters }: Q): object {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
