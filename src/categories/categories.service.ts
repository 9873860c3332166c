import slugify from '@sindresorhus/slugify';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { queryShared, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import { CategoryCircle, CategoryInUse, CategoryNameTaken } from './categories.errors.js';
import {
  type CategoryDto,
  type CategoryPage,
  type CategoryQuery,
  type CategoryRow,
  type CreateCategoryDto,
  MAX_DEPTH,
  toCategoryDto,
  type UpdateCategoryDto,
} from './dto/category.dto.js';
import { Category } from './entities/category.entity.js';

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
const BY_PATH = {
  expression: raw(`lower(array_to_string(c.path, ' > ')) COLLATE "C"`),
  type: 'text',
  descending: false,
} as const;

/** The key of the advisory lock that every change of the tree holds until the end of its transaction; an arbitrary number. */
const TREE_LOCK = 7_362_184_052;

/** The tree of categories: names unique among siblings, and no circles. */
@Injectable()
export class CategoriesService {
  constructor(
    @InjectRepository(Category) private readonly categories: Repository<Category>,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** The tree, a parent before its children. */
  async list(asked: CategoryQuery): Promise<CategoryPage> {
    const list = this.pages.open(asked);
    const { parentId, slug } = list.query;
    const found = await this.pages.read<CategoryRow>(this.categories.manager, list, {
      columns: COLUMNS,
      from: TREE,
      where: [
        ...(parentId === undefined ? [] : [sql`c.parent_id = ${parentId}`]),
        ...(slug === undefined ? [] : [sql`c.slug = ${slug}`]),
      ],
      id: raw('c.id'),
      sort: BY_PATH,
    });
    return mapPage(found, toCategoryDto);
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<CategoryDto> {
    const [row] = await queryShared<CategoryRow>(
      this.categories.manager,
      sql`SELECT ${COLUMNS} FROM ${TREE} WHERE c.id = ${id}`,
    );
    if (!row) throw new AppError(NotFound, `There is no category ${id}.`);
    return toCategoryDto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string): Promise<number | undefined> {
    const [row] = await queryShared<{ version: number }>(
      this.categories.manager,
      sql`SELECT version FROM categories WHERE id = ${id}`,
    );
    return row?.version;
  }

  async create({ name, parentId = null }: CreateCategoryDto): Promise<CategoryDto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      await this.lockTree();
      if (parentId !== null) await this.requirePlace(parentId);
      await this.unlessNameTaken(name, this.categories.insert({ id, name, parentId, slug: slugOf(name, id) }));
      return this.read(id);
    });
  }

  async update(id: string, change: UpdateCategoryDto, expected: ExpectedVersions): Promise<CategoryDto> {
    return this.transactions.run(async () => {
      await this.lockTree();
      const category = await this.lock(id);
      requireVersion(expected, category.version);
      if (change.parentId) await this.requirePlace(change.parentId, id);
      await this.unlessNameTaken(change.name ?? category.name, this.categories.update(id, change));
      return this.read(id);
    });
  }

  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      await this.lockTree();
      requireVersion(expected, (await this.lock(id)).version);
      const inUse = (): AppError =>
        new AppError(CategoryInUse, 'There are products in this category, or categories below it.');
      await mapConstraintErrors(
        { categories_parent_fk: inUse, product_categories_category_fk: inUse },
        this.categories.delete(id),
      );
    });
  }

  /**
   * The ids of the categories at these paths, e.g. `['Home & Garden', 'Lanterns']`; the ones that are missing are made.
   * @returns one id a path, in their order.
   */
  async ensurePaths(paths: readonly (readonly string[])[]): Promise<string[]> {
    const known = await this.idsBySibling();
    const found = paths.map((path) => idAt(path, known));
    if (found.every((id) => id !== undefined)) return found;

    return this.transactions.run(async () => {
      // of several that miss the same ones the first creates them; the others wait here and find them
      await this.lockTree();
      const present = await this.idsBySibling();
      const missing: Partial<Category>[] = [];
      const ids = paths.map((path) =>
        path.reduce<string | null>((parentId, name) => {
          const key = siblingKey(parentId, name);
          let id = present.get(key);
          if (id === undefined) {
            id = uuidv7();
            present.set(key, id);
            missing.push({ id, parentId, name, slug: slugOf(name, id) });
          }
          return id;
        }, null),
      );
      if (missing.length > 0) await this.categories.insert(missing);
      return ids.filter((id) => id !== null);
    });
  }

  private async idsBySibling(): Promise<Map<string, string>> {
    const rows = await this.categories.find({ select: { id: true, parentId: true, name: true } });
    return new Map(rows.map(({ id, parentId, name }) => [siblingKey(parentId, name), id]));
  }

  /**
   * Lets one transaction at a time change the tree: two moves at once, each right alone, could close a circle, and two
   * writers that lock parts of it in different orders could wait for each other. Before any other lock.
   */
  private async lockTree(): Promise<void> {
    await run(this.categories.manager, sql`SELECT pg_advisory_xact_lock(${TREE_LOCK})`);
  }

  /** Leaves its key alone, which products refer to: they may be put into it meanwhile. */
  private async lock(id: string): Promise<Category> {
    const category = await this.categories.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
    if (!category) throw new AppError(NotFound, `There is no category ${id}.`);
    return category;
  }

  /**
   * @param child the category that moves below the parent, with all that is below it; a new one without.
   * @throws AppError when the parent doesn't exist or there would be too many levels (422), or the parent is the child or
   * below it (409).
   */
  private async requirePlace(parentId: string, child?: string): Promise<void> {
    const above = await run<{ id: string }>(
      this.categories.manager,
      sql`WITH RECURSIVE above AS (
            SELECT id, parent_id FROM categories WHERE id = ${parentId}
            UNION ALL
            SELECT c.id, c.parent_id FROM categories c JOIN above ON c.id = above.parent_id
          ) SELECT id FROM above`,
    );
    if (above.length === 0)
      throw parentFault('The parent does not exist.', 'exists', `there is no category ${parentId}`);
    if (above.some(({ id }) => id === child)) {
      throw new AppError(CategoryCircle, 'The parent is the category itself or stands below it.');
    }
    const levels = child === undefined ? 1 : await this.levelsOf(child);
    if (above.length + levels > MAX_DEPTH) {
      const most = String(MAX_DEPTH);
      throw parentFault(
        'The tree would have too many levels.',
        'depth',
        `must leave the tree with at most ${most} levels`,
      );
    }
  }

  /** How many levels a category has with all that is below it. */
  private async levelsOf(id: string): Promise<number> {
    const [row] = await run<{ levels: number }>(
      this.categories.manager,
      sql`WITH RECURSIVE below AS (
            SELECT id, 1 AS level FROM categories WHERE id = ${id}
            UNION ALL
            SELECT c.id, below.level + 1 FROM categories c JOIN below ON c.parent_id = below.id
          ) SELECT max(level) AS levels FROM below`,
    );
    return row?.levels ?? 0;
  }

  private unlessNameTaken<T>(name: string, write: Promise<T>): Promise<T> {
    const taken = (): AppError => new AppError(CategoryNameTaken, `There is already a category ${name} here.`);
    return mapConstraintErrors({ categories_name_unique_among_siblings: taken }, write);
  }
}

const parentFault = (detail: string, code: string, fault: string): AppError =>
  new AppError(ValidationFailed, detail, { errors: [{ pointer: '#/parentId', code, detail: fault }] });

const siblingKey = (parentId: string | null, name: string): string => `${parentId ?? ''}/${name}`;

/** The id at the end of a path, or undefined where there is none. */
const idAt = (path: readonly string[], known: ReadonlyMap<string, string>): string | undefined =>
  path.reduce<string | null | undefined>(
    (parentId, name) => (parentId === undefined ? undefined : known.get(siblingKey(parentId, name))),
    null,
  ) ?? undefined;

/** Readable, and unique by the random end of the id. */
const slugOf = (name: string, id: string): string => `${slugify(name).slice(0, 100) || 'category'}-${id.slice(-8)}`;
