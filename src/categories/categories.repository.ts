import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { collated } from '../common/database/keyset.js';
import { ADVISORY_KEYS, declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { CategoryQuery, CategoryRow } from './dto/category.dto.js';
import { Category } from './entities/category.entity.js';

/** What the application writes of a category. */
export type CategoryContent = Pick<Category, 'id' | 'parentId' | 'name' | 'slug'>;

/** Every category with the names above it. The tree of a shop is small: a hundred nodes, not a million. */
const TREE = raw(`(
  WITH RECURSIVE tree AS (
    SELECT c.*, ARRAY[c.name] AS path FROM categories c WHERE c.parent_id IS NULL
    UNION ALL
    SELECT c.*, tree.path || c.name FROM categories c JOIN tree ON c.parent_id = tree.id
  ) SELECT * FROM tree
) c`);
const COLUMNS = raw(
  `c.id, c.parent_id AS "parentId", c.name, c.slug, c.path, c.version, c.created_at AS "createdAt", c.updated_at AS "updatedAt"`,
);
/** The names are joined by what is before all that a name may have, so that what is below a category comes before what is beside it. */
const BY_PATH = {
  expression: collated(raw("array_to_string(c.path, E'\\t')")),
  type: 'text',
  descending: false,
} as const;

/** The rows of categories, and all SQL about them. */
@Injectable()
export class CategoriesRepository {
  constructor(
    @InjectRepository(Category) private readonly rows: Repository<Category>,
    private readonly pages: Pages,
  ) {}

  /** One page of a list, a parent before its children. */
  async readPage(list: AskedList<CategoryQuery>): Promise<Page<CategoryRow>> {
    const { parentId, slug } = list.query;
    return this.pages.read<CategoryRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: TREE,
      where: [
        ...(parentId === undefined ? [] : [sql`c.parent_id = ${parentId}`]),
        ...(slug === undefined ? [] : [sql`c.slug = ${slug}`]),
      ],
      id: raw('c.id'),
      sort: BY_PATH,
    });
  }

  /** Reads a category and those above it by their ids, not the whole tree. */
  async find(id: string): Promise<CategoryRow | undefined> {
    const [row] = await queryShared<CategoryRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS}
          FROM (
            SELECT c.*, (
              WITH RECURSIVE above AS (
                SELECT c.parent_id, ARRAY[c.name] AS names
                UNION ALL
                SELECT p.parent_id, p.name || above.names FROM categories p JOIN above ON p.id = above.parent_id
              ) SELECT names FROM above WHERE parent_id IS NULL
            ) AS path
            FROM categories c WHERE c.id = ${id}
          ) c`,
    );
    return row;
  }

  async findVersion(id: string): Promise<number | undefined> {
    const [row] = await queryShared<{ version: number }>(
      this.rows.manager,
      sql`SELECT version FROM categories WHERE id = ${id}`,
    );
    return row?.version;
  }

  /** The whole tree: who stands below whom, and under which name. */
  async findAllNames(): Promise<Pick<Category, 'id' | 'parentId' | 'name'>[]> {
    return this.rows.find({ select: { id: true, parentId: true, name: true } });
  }

  /** The ids of a category and of all categories above it; none when there is no such category. */
  async findBranch(id: string): Promise<string[]> {
    const above = await run<{ id: string }>(
      this.rows.manager,
      sql`WITH RECURSIVE above AS (
            SELECT id, parent_id FROM categories WHERE id = ${id}
            UNION ALL
            SELECT c.id, c.parent_id FROM categories c JOIN above ON c.id = above.parent_id
          ) SELECT id FROM above`,
    );
    return above.map((row) => row.id);
  }

  /** How many levels a category has with all that is below it. */
  async countLevels(id: string): Promise<number> {
    const [row] = await run<{ levels: number }>(
      this.rows.manager,
      sql`WITH RECURSIVE below AS (
            SELECT id, 1 AS level FROM categories WHERE id = ${id}
            UNION ALL
            SELECT c.id, below.level + 1 FROM categories c JOIN below ON c.parent_id = below.id
          ) SELECT max(level) AS levels FROM below`,
    );
    return row?.levels ?? 0;
  }

  /**
   * Lets one transaction at a time change the tree: two moves at once, each right alone, could close a circle, and two
   * writers that lock parts of it in different orders could wait for each other. Before any other lock.
   */
  async lockTree(): Promise<void> {
    declareLock('category tree');
    await run(this.rows.manager, sql`SELECT pg_advisory_xact_lock(${ADVISORY_KEYS.categoryTree})`);
  }

  /**
   * Locks a row until the end of the transaction. Leaves its key alone, which products refer to: they may be put into it
   * meanwhile.
   */
  async lock(id: string): Promise<Category | null> {
    declareLock('category');
    return this.rows.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async insert(categories: readonly CategoryContent[]): Promise<void> {
    await this.rows.insert([...categories]);
  }

  /**
   * Makes all categories below one another version: each shows the names above it.
   * @returns them, with their new versions.
   */
  async touchBelow(id: string): Promise<Pick<Category, 'id' | 'parentId' | 'version'>[]> {
    return run(
      this.rows.manager,
      sql`WITH RECURSIVE below AS (
            SELECT id FROM categories WHERE parent_id = ${id}
            UNION ALL
            SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
          )
          UPDATE categories SET version = version + 1 WHERE id IN (SELECT id FROM below)
          RETURNING id, parent_id AS "parentId", version`,
    );
  }

  async update(id: string, change: Partial<Pick<Category, 'parentId' | 'name'>>): Promise<void> {
    await this.rows.update(id, change);
  }

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }
}
