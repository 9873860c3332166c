import { isDeepStrictEqual } from 'node:util';
import { MAX_MEMBERS, toOptionsDto } from '../products/dto/product-variants.dto.js';
import type { Membership, Variant } from '../products/products.families.service.js';

/** A family as its members depend on it. */
export interface FamilyOfMembers {
  id: string;
  name: string;
  options: readonly string[];
}

/** A product that is to be a member, with its values by the names of their options. */
export interface WantedMember {
  productId: string;
  options: Readonly<Record<string, string>>;
}

/** Why a product can't be a member as it is wanted. */
export interface MemberFault {
  /** Its place among those that are wanted. */
  index: number;
  kind: 'options' | 'repeated' | 'exists' | 'elsewhere' | 'taken' | 'full';
  detail: string;
}

/** What is to be written so that a family has the members that are wanted, and what can't be. */
export interface MembersPlan {
  changes: Membership[];
  faults: MemberFault[];
}

/**
 * Compares what is wanted with what there is.
 * @param locked the products that are wanted and all members of the family, as they are, by their ids.
 * @param keepsOthers whether members that are not wanted stay members; they must have the family's options.
 */
export function planMembers(
  family: FamilyOfMembers,
  wanted: readonly WantedMember[],
  locked: ReadonlyMap<string, Variant>,
  keepsOthers: boolean,
): MembersPlan {
  const plan: MembersPlan = { changes: [], faults: [] };
  const ids = new Set(wanted.map(({ productId }) => productId));
  const others = membersOf(family.id, locked).filter(({ productId }) => !ids.has(productId));
  if (!keepsOthers) plan.changes.push(...others.map(({ productId }) => withoutFamily(productId)));
  const kept = keepsOthers ? others : [];
  const keys = new Map<string, 'taken' | 'repeated'>(kept.map((other) => [keyOf(family, other), 'taken']));
  let count = kept.length;
  const placed = new Set<string>();
  wanted.forEach((member, index) => {
    const fault =
      faultOf(family, member, locked.get(member.productId)) ??
      (placed.has(member.productId) ? REPEATED_PRODUCT : undefined) ??
      faultOfValues(keys.get(keyOf(family, member))) ??
      (count >= MAX_MEMBERS ? FULL : undefined);
    if (fault) {
      plan.faults.push({ index, ...fault });
      return;
    }
    count += 1;
    placed.add(member.productId);
    keys.set(keyOf(family, member), 'repeated');
    const membership = membershipOf(family, member);
    if (!isPlaced(membership, locked.get(member.productId))) plan.changes.push(membership);
  });
  return plan;
}

/** The members that a family has, with their values. */
export const membersOf = (familyId: string, locked: ReadonlyMap<string, Variant>): WantedMember[] =>
  [...locked.values()]
    .filter((product) => product.familyId === familyId)
    .map(({ id, familyOptions }) => ({ productId: id, options: toOptionsDto(familyOptions ?? []) }));

/** A product that is in no family. */
export const withoutFamily = (productId: string): Membership => ({
  productId,
  familyId: null,
  familyName: null,
  familyOptions: null,
  familyKey: null,
});

type Fault = Omit<MemberFault, 'index'>;

const REPEATED_PRODUCT: Fault = { kind: 'repeated', detail: 'is a member already' };
const FULL: Fault = { kind: 'full', detail: `the family has ${String(MAX_MEMBERS)} members` };

/** What is wrong with a member by itself. */
function faultOf(family: FamilyOfMembers, { productId, options }: WantedMember, product?: Variant): Fault | undefined {
  const names = Object.keys(options);
  if (names.length !== family.options.length || !family.options.every((name) => names.includes(name))) {
    return {
      kind: 'options',
      detail: `must have a value for each of ${family.options.join(', ')}, and for nothing else`,
    };
  }
  if (!product) return { kind: 'exists', detail: `there is no product ${productId}` };
  if (product.familyId === null || product.familyId === family.id) return undefined;
  return { kind: 'elsewhere', detail: `the product ${productId} is in the family ${product.familyId}` };
}

const faultOfValues = (kind: 'taken' | 'repeated' | undefined): Fault | undefined =>
  kind && { kind, detail: 'another member has the same values' };

/** The values in the order of the family's options. */
const valuesOf = (family: FamilyOfMembers, { options }: WantedMember): string[] => {
  const byName = new Map(Object.entries(options));
  return family.options.map((name) => byName.get(name) ?? '');
};

/** What no two members of a family share: their values, without regard to case. */
const keyOf = (family: FamilyOfMembers, member: WantedMember): string =>
  JSON.stringify(valuesOf(family, member).map((value) => value.toLowerCase()));

const membershipOf = (family: FamilyOfMembers, member: WantedMember): Membership => {
  const values = valuesOf(family, member);
  return {
    productId: member.productId,
    familyId: family.id,
    familyName: family.name,
    familyOptions: family.options.map((name, place) => ({ name, value: values[place] ?? '' })),
    familyKey: keyOf(family, member),
  };
};

const isPlaced = (wanted: Membership, product: Variant | undefined): boolean =>
  product?.familyId === wanted.familyId &&
  product.familyName === wanted.familyName &&
  isDeepStrictEqual(product.familyOptions, wanted.familyOptions);
