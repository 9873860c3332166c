import type { CategoriesRepository, CategoryContent } from '../../src/categories/categories.repository.js';
import type { CategoryRow } from '../../src/categories/dto/category.dto.js';
import { updateRow, violationOf } from './fakes.js';

type Faked =
  | 'find'
  | 'findVersion'
  | 'findAllNames'
  | 'findBranch'
  | 'countLevels'
  | 'lockTree'
  | 'lock'
  | 'insert'
  | 'touchBelow'
  | 'update'
  | 'delete';

/**
 * A tree of categories without a database, which refuses what its constraints refuse, and to be written before it is locked.
 * A category that is not locked is not changed.
 */
export class TreeInMemory implements Pick<CategoriesRepository, Faked> {
  readonly rows = new Map<string, CategoryRow>();
  /** The categories that have products. */
  readonly filled = new Set<string>();
  isLocked = false;
  private readonly locked = new Set<string>();

  add(id: string, parentId: string | null = null, version = 1): void {
    this.put({ id, parentId, name: id, slug: id }, version);
  }

  find(id: string): Promise<CategoryRow | undefined> {
    const row = this.rows.get(id);
    const path = this.branchOf(id).map((one) => one.name);
    return Promise.resolve(row && { ...row, path: path.reverse() });
  }

  findVersion(id: string): Promise<number | undefined> {
    return Promise.resolve(this.rows.get(id)?.version);
  }

  findAllNames(): Promise<CategoryRow[]> {
    return Promise.resolve([...this.rows.values()]);
  }

  findBranch(id: string): Promise<string[]> {
    return Promise.resolve(this.branchOf(id).map((row) => row.id));
  }

  countLevels(id: string): Promise<number> {
    const depths = this.below(id).map((row) => this.branchOf(row.id).length);
    const own = this.branchOf(id).length;
    return Promise.resolve(Math.max(own, ...depths) - own + 1);
  }

  lockTree(): Promise<void> {
    this.isLocked = true;
    return Promise.resolve();
  }

  lock(id: string): Promise<CategoryRow | null> {
    this.requireLocked();
    this.locked.add(id);
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  insert(categories: readonly CategoryContent[]): Promise<void> {
    this.requireLocked();
    if (categories.some((one) => this.isTaken(one))) return refuse('categories_name_unique_among_siblings');
    for (const one of categories) this.put(one);
    return Promise.resolve();
  }

  touchBelow(id: string): Promise<CategoryRow[]> {
    const touched = this.below(id).map((row) => ({ ...row, version: row.version + 1 }));
    for (const row of touched) this.rows.set(row.id, row);
    return Promise.resolve(touched);
  }

  update(id: string, change: Partial<Pick<CategoryRow, 'parentId' | 'name'>>): Promise<void> {
    const row = this.rows.get(id);
    if (!row || !this.locked.has(id)) return Promise.resolve();
    const updated = updateRow(row, change);
    if (this.isTaken(updated)) return refuse('categories_name_unique_among_siblings');
    this.rows.set(id, updated);
    return Promise.resolve();
  }

  delete(id: string): Promise<void> {
    if (!this.locked.has(id)) return Promise.resolve();
    if (this.filled.has(id)) return refuse('product_categories_category_fk');
    if (this.below(id).length > 0) return refuse('categories_parent_fk');
    this.rows.delete(id);
    return Promise.resolve();
  }

  private put(content: CategoryContent, version = 1): void {
    const row = { ...content, path: [], version, createdAt: new Date(0), updatedAt: new Date(0) };
    this.rows.set(content.id, row);
  }

  private branchOf(id: string): CategoryRow[] {
    const row = this.rows.get(id);
    return row ? [row, ...this.branchOf(row.parentId ?? '')] : [];
  }

  private below(id: string): CategoryRow[] {
    return [...this.rows.values()].filter(
      (row) => row.id !== id && this.branchOf(row.id).some((above) => above.id === id),
    );
  }

  private isTaken({ id, parentId, name }: CategoryContent): boolean {
    return [...this.rows.values()].some((row) => row.id !== id && row.parentId === parentId && row.name === name);
  }

  private requireLocked(): void {
    if (!this.isLocked) throw new Error('the tree is not locked');
  }
}

const refuse = (constraint: string): Promise<never> => Promise.reject(violationOf(constraint));
