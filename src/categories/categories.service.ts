import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import { slugOf } from '../common/text/slug.js';
import { CategoryCircle, CategoryInUse, CategoryNameTaken } from './categories.errors.js';
import { CategoryCreated, CategoryDeleted, CategoryUpdated } from './categories.events.js';
import { CategoriesRepository, type CategoryContent } from './categories.repository.js';
import {
  type CategoryDto,
  type CategoryPage,
  type CategoryQuery,
  type CreateCategoryDto,
  MAX_DEPTH,
  toCategoryDto,
  type UpdateCategoryDto,
} from './dto/category.dto.js';
import type { Category } from './entities/category.entity.js';

/** The tree of categories: names unique among siblings, and no circles. */
@Injectable()
export class CategoriesService {
  constructor(
    private readonly categories: CategoriesRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** The tree, a parent before its children. */
  async list(asked: CategoryQuery): Promise<CategoryPage> {
    return mapPage(await this.categories.readPage(this.pages.open(asked)), toCategoryDto);
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<CategoryDto> {
    const row = await this.categories.find(id);
    if (!row) throw notFound(id);
    return toCategoryDto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string): Promise<number | undefined> {
    return this.categories.findVersion(id);
  }

  async create({ name, parentId = null }: CreateCategoryDto): Promise<CategoryDto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      await this.categories.lockTree();
      if (parentId !== null) await this.requirePlace(parentId);
      await mapTakenName(name, this.categories.insert([{ id, name, parentId, slug: slugOf(name, id, 'category') }]));
      const category = await this.read(id);
      this.events.publish(CategoryCreated, category, { parentId });
      return category;
    });
  }

  async update(id: string, change: UpdateCategoryDto, expected: ExpectedVersions): Promise<CategoryDto> {
    return this.transactions.run(async () => {
      await this.categories.lockTree();
      const category = await this.lock(id);
      requireVersion(expected, category.version);
      if (change.parentId) await this.requirePlace(change.parentId, id);
      await mapTakenName(change.name ?? category.name, this.categories.update(id, change));
      const updated = await this.read(id);
      if (updated.version !== category.version) await this.announceUpdate(category, updated);
      return updated;
    });
  }

  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      await this.categories.lockTree();
      const { version, parentId } = await this.lock(id);
      requireVersion(expected, version);
      const inUse = (): AppError =>
        new AppError(CategoryInUse, 'There are products in this category, or categories below it.');
      await mapConstraintErrors(
        { categories_parent_fk: inUse, product_categories_category_fk: inUse },
        this.categories.delete(id),
      );
      this.events.publish(CategoryDeleted, { id, version: version + 1 }, { parentId });
    });
  }

  /**
   * The ids of the categories at these paths, e.g. `['Home & Garden', 'Lanterns']`; the ones that are missing are made. A name is
   * trimmed, and finds the category that is spelled like it, else one whose letters differ in case alone, of several the oldest.
   * @returns one id a path, in their order.
   */
  async ensurePaths(given: readonly (readonly string[])[]): Promise<string[]> {
    const paths = given.map((path) => path.map((name) => name.normalize('NFC').trim()));
    const known = await this.siblings();
    const found = paths.map((path) => idAt(path, known));
    if (found.every((id) => id !== undefined)) return found;

    return this.transactions.run(async () => {
      // of several that miss the same ones the first creates them; the others wait here and find them
      await this.categories.lockTree();
      const present = await this.siblings();
      const missing: CategoryContent[] = [];
      const ids = paths.map((path) =>
        path.reduce<string | null>((parentId, name) => {
          let id = present.find(parentId, name);
          if (id === undefined) {
            id = uuidv7();
            present.add({ id, parentId, name });
            missing.push({ id, parentId, name, slug: slugOf(name, id, 'category') });
          }
          return id;
        }, null),
      );
      if (missing.length > 0) {
        await this.categories.insert(missing);
        this.events.publishAll(
          CategoryCreated,
          missing.map(({ id, parentId }) => ({ id, version: 1, data: { parentId } })),
        );
      }
      return ids.filter((id) => id !== null);
    });
  }

  /** Announces a category that was renamed or moved, and all below it, which show its name. */
  private async announceUpdate(before: Category, { id, version, name, parentId }: CategoryDto): Promise<void> {
    const below = await this.categories.touchBelow(id);
    this.events.publishAll(CategoryUpdated, [
      { id, version, data: { parentId, renamed: name !== before.name, moved: parentId !== before.parentId } },
      ...below.map((one) => ({
        id: one.id,
        version: one.version,
        data: { parentId: one.parentId, renamed: false, moved: false },
      })),
    ]);
  }

  private async siblings(): Promise<Siblings> {
    const siblings = new Siblings();
    const rows = await this.categories.findAllNames();
    // ids rise with time
    for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) siblings.add(row);
    return siblings;
  }

  /** @throws AppError 404. */
  private async lock(id: string): Promise<Category> {
    const category = await this.categories.lock(id);
    if (!category) throw notFound(id);
    return category;
  }

  /**
   * @param child the category that moves below the parent, with all that is below it; a new one without.
   * @throws AppError when the parent doesn't exist or there would be too many levels (422), or the parent is the child or
   * below it (409).
   */
  private async requirePlace(parentId: string, child?: string): Promise<void> {
    const above = await this.categories.findBranch(parentId);
    if (above.length === 0)
      throw parentFault('The parent does not exist.', 'exists', `there is no category ${parentId}`);
    if (child !== undefined && above.includes(child)) {
      throw new AppError(CategoryCircle, 'The parent is the category itself or stands below it.');
    }
    const levels = child === undefined ? 1 : await this.categories.countLevels(child);
    if (above.length + levels > MAX_DEPTH) {
      const most = String(MAX_DEPTH);
      throw parentFault(
        'The tree would have too many levels.',
        'depth',
        `must leave the tree with at most ${most} levels`,
      );
    }
  }
}

/** Awaits a write of a category; when a sibling has the name, throws that. */
function mapTakenName<T>(name: string, write: Promise<T>): Promise<T> {
  const taken = (): AppError => new AppError(CategoryNameTaken, `There is already a category ${name} here.`);
  return mapConstraintErrors({ categories_name_unique_among_siblings: taken }, write);
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no category ${id}.`);

const parentFault = (detail: string, code: string, fault: string): AppError =>
  new AppError(ValidationFailed, detail, { errors: [{ pointer: '#/parentId', code, detail: fault }] });

/** The ids of categories, by their parents and names. */
class Siblings {
  private readonly spelled = new Map<string, string>();
  private readonly folded = new Map<string, string>();

  add({ id, parentId, name }: Pick<Category, 'id' | 'parentId' | 'name'>): void {
    const [spelled, folded] = [keyOf(parentId, name.normalize('NFC')), keyOf(parentId, foldCase(name))];
    this.spelled.set(spelled, id);
    if (!this.folded.has(folded)) this.folded.set(folded, id);
  }

  find(parentId: string | null, name: string): string | undefined {
    return this.spelled.get(keyOf(parentId, name)) ?? this.folded.get(keyOf(parentId, foldCase(name)));
  }
}

const keyOf = (parentId: string | null, name: string): string => `${parentId ?? ''}/${name}`;

/** The name without case, in one spelling of letters with marks. */
const foldCase = (name: string): string => name.trim().normalize('NFC').toLowerCase().normalize('NFC');

/** The id at the end of a path, or undefined where there is none. */
const idAt = (path: readonly string[], known: Siblings): string | undefined =>
  path.reduce<string | null | undefined>(
    (parentId, name) => (parentId === undefined ? undefined : known.find(parentId, name)),
    null,
  ) ?? undefined;
