import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { State } from '../common/http/syntax/etag.js';
import type { Caller } from '../common/security/caller.js';
import { slugOf } from '../common/text/slug.js';
import { ProductsFamiliesService } from '../products/products.families.service.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import type { CreateProductFamilyDto, PutMemberDto, UpdateProductFamilyDto } from './dto/product-family-input.dto.js';
import type { ProductFamilyQuery } from './dto/product-family-query.dto.js';
import {
  type ProductFamilyDto,
  type ProductFamilyPage,
  stateOf,
  toListedProductFamilyDto,
  toProductFamilyDto,
} from './dto/product-family.dto.js';
import type { ProductFamily } from './entities/product-family.entity.js';
import { FamilyCodeTaken, FamilyFull, InAnotherFamily, VariantTaken } from './product-families.errors.js';
import { ProductFamilyCreated, ProductFamilyDeleted, ProductFamilyUpdated } from './product-families.events.js';
import { type MemberFault, membersOf, planMembers, withoutFamily } from './product-families.members.js';
import { ProductFamiliesRepository } from './product-families.repository.js';

/** Families of products: each member has a value for every option, and no two the same values. */
@Injectable()
export class ProductFamiliesService {
  constructor(
    private readonly families: ProductFamiliesRepository,
    private readonly products: ProductsFamiliesService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** One page of the families that the caller may see. */
  async list(asked: ProductFamilyQuery, caller?: Caller): Promise<ProductFamilyPage> {
    return mapPage(await this.families.readPage(this.pages.open(asked), caller), toListedProductFamilyDto);
  }

  /** @throws AppError 404, also for a family without a member that the caller may see. */
  async read(id: string, caller?: Caller): Promise<ProductFamilyDto> {
    const row = await this.families.find(id, caller);
    if (!row || !isVisible(row.members, caller)) throw notFound(id);
    return toProductFamilyDto(row);
  }

  /** The state of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<State | undefined> {
    const state = await this.families.findState(id, caller);
    return state && isVisible(state.memberIds, caller) ? stateOf(state) : undefined;
  }

  /** @throws AppError 409 for a code that another family has; as {@link update} for members. */
  async create({ members = [], ...content }: CreateProductFamilyDto, caller: Caller): Promise<ProductFamilyDto> {
    const { name, code = null, options } = content;
    const id = uuidv7();
    return this.transactions.run(async () => {
      const family = { id, code, name, options, slug: slugOf(name, id, 'family') };
      await mapWriteErrors(this.families.insert(family));
      const locked = await this.products.lock(memberIds(members), []);
      const { changes, faults } = planMembers(family, members, locked, false);
      requireNone(faults, (index) => `#/members/${String(index)}`);
      await mapWriteErrors(this.products.place(changes));
      const created = await this.read(id, caller);
      this.events.publish(ProductFamilyCreated, created, created);
      return created;
    });
  }

  /**
   * Changes a family. Members that are given take the place of all others; each shows the family's name.
   * @throws AppError 422 for members that are no products or have other options, 409 for products of other families.
   */
  async update(
    id: string,
    { members, ...change }: UpdateProductFamilyDto,
    expected: ExpectedVersions,
    caller: Caller,
  ): Promise<ProductFamilyDto> {
    return this.transactions.run(async () => {
      const before = await this.lock(id);
      requireVersion(expected, before.version);
      const locked = await this.products.lock(memberIds(members ?? []), [id]);
      const family = { id, name: change.name ?? before.name, options: change.options ?? before.options };
      const { changes, faults } = planMembers(family, members ?? membersOf(id, locked), locked, false);
      requireNone(faults, (index) => (members ? `#/members/${String(index)}` : '#/options'));
      return this.save(before, { ...change, ...(changes.length > 0 && { version: before.version + 1 }) }, caller, () =>
        this.products.place(changes),
      );
    });
  }

  /** Makes a product a member, or gives a member other values. @throws AppError as {@link update}. */
  async putMember(
    id: string,
    productId: string,
    { options }: PutMemberDto,
    expected: ExpectedVersions,
    caller: Caller,
  ): Promise<ProductFamilyDto> {
    return this.transactions.run(async () => {
      const before = await this.lock(id);
      requireVersion(expected, before.version);
      const locked = await this.products.lock([productId], [id]);
      if (!locked.has(productId)) throw new AppError(NotFound, `There is no product ${productId}.`);
      const { changes, faults } = planMembers(before, [{ productId, options }], locked, true);
      requireNone(faults, () => '#/options');
      return this.save(before, changes.length > 0 ? { version: before.version + 1 } : {}, caller, () =>
        this.products.place(changes),
      );
    });
  }

  /** Takes a member out of a family. @throws AppError 404. */
  async removeMember(id: string, productId: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      const { version, code } = await this.lock(id);
      requireVersion(expected, version);
      const locked = await this.products.lock([productId], []);
      if (locked.get(productId)?.familyId !== id) {
        throw new AppError(NotFound, `The family has no member ${productId}.`);
      }
      await this.products.place([withoutFamily(productId)]);
      await this.families.update(id, { version: version + 1 });
      this.events.publish(ProductFamilyUpdated, { id, version: version + 1 }, { code });
    });
  }

  /** Deletes a family; its members are products without one then. */
  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      const { version, code } = await this.lock(id);
      requireVersion(expected, version);
      const locked = await this.products.lock([], [id]);
      await this.products.place([...locked.keys()].map(withoutFamily));
      await this.families.delete(id);
      this.events.publish(ProductFamilyDeleted, { id, version: version + 1 }, { code });
    });
  }

  /** Writes a locked family and then its members, and announces the family if it is another version. */
  private async save(
    { id, version }: ProductFamily,
    change: Partial<ProductFamily>,
    caller: Caller,
    place: () => Promise<void>,
  ): Promise<ProductFamilyDto> {
    if (Object.keys(change).length > 0) await mapWriteErrors(this.families.update(id, change));
    await mapWriteErrors(place());
    const updated = await this.read(id, caller);
    if (updated.version !== version) this.events.publish(ProductFamilyUpdated, updated, updated);
    return updated;
  }

  /** @throws AppError 404. */
  private async lock(id: string): Promise<ProductFamily> {
    const family = await this.families.lock(id);
    if (!family) throw notFound(id);
    return family;
  }
}

const memberIds = (members: readonly { productId: string }[]): string[] => members.map(({ productId }) => productId);

const isVisible = (members: readonly unknown[], caller: Caller | undefined): boolean =>
  members.length > 0 || seesHiddenProducts(caller);

const notFound = (id: string): AppError => new AppError(NotFound, `There is no product family ${id}.`);

/**
 * @param pointerTo where the member of an index stands in the request.
 * @throws AppError 422 naming each member that is wrong by itself; else 409 for the first that is against what is there.
 */
function requireNone(faults: readonly MemberFault[], pointerTo: (index: number) => string): void {
  const wrong = faults.filter(({ kind }) => kind === 'options' || kind === 'repeated' || kind === 'exists');
  if (wrong.length > 0) {
    throw new AppError(ValidationFailed, 'Some of the members are wrong.', {
      errors: wrong.map(({ index, kind, detail }) => ({
        pointer: pointerTo(index),
        code: CODES[kind] ?? kind,
        detail,
      })),
    });
  }
  const [against] = faults;
  if (!against) return;
  if (against.kind === 'elsewhere') throw new AppError(InAnotherFamily, `${capitalized(against.detail)}.`);
  if (against.kind === 'full') throw new AppError(FamilyFull, `${capitalized(against.detail)}.`);
  throw new AppError(VariantTaken, `${capitalized(against.detail)}.`);
}

const CODES: Partial<Record<MemberFault['kind'], string>> = { options: 'isOptionValues', repeated: 'arrayUnique' };

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Awaits a write of a family or its members; when the tables refuse it, throws what is wrong. */
const mapWriteErrors = <T>(write: Promise<T>): Promise<T> =>
  mapConstraintErrors(
    {
      product_families_code_unique: () =>
        new AppError(FamilyCodeTaken, 'There is already a product family with this code.'),
      products_family_options_unique: () => new AppError(VariantTaken, 'Another member has the same values.'),
    },
    write,
  );
