import { describe, expect, it } from '@jest/globals';
import { MAX_MEMBERS } from '../products/dto/product-variants.dto.js';
import type { Membership, Variant } from '../products/products.families.service.js';
import { type MemberFault, planMembers, type WantedMember, withoutFamily } from './product-families.members.js';

const FAMILY = { id: 'shirts', name: 'T-shirt', options: ['Size', 'Colour'] };

const single = (id: string): Variant => ({ id, familyId: null, familyName: null, familyOptions: null });
const member = (id: string, size: string, colour: string, familyId = 'shirts'): Variant => ({
  id,
  familyId,
  familyName: 'T-shirt',
  familyOptions: [
    { name: 'Size', value: size },
    { name: 'Colour', value: colour },
  ],
});
const wanted = (productId: string, size: string, colour: string): WantedMember => ({
  productId,
  options: { Colour: colour, Size: size },
});
const locked = (...variants: Variant[]): Map<string, Variant> => new Map(variants.map((one) => [one.id, one]));
const kinds = (faults: readonly MemberFault[]): string[] => faults.map(({ index, kind }) => `${String(index)} ${kind}`);
const ids = (changes: readonly Membership[]): string[] => changes.map(({ productId }) => productId);

describe('the members of a family', () => {
  it('get their values in the order of its options, and a key without regard to case', () => {
    expect(planMembers(FAMILY, [wanted('a', 'M', 'Red')], locked(single('a')), true)).toEqual({
      faults: [],
      changes: [
        {
          productId: 'a',
          familyId: 'shirts',
          familyName: 'T-shirt',
          familyOptions: [
            { name: 'Size', value: 'M' },
            { name: 'Colour', value: 'Red' },
          ],
          familyKey: '["m","red"]',
        },
      ],
    });
  });

  it('are not written when they are so already, and all are when the family has another name', () => {
    const present = locked(member('a', 'M', 'Red'), member('b', 'L', 'Red'));
    const both = [wanted('a', 'M', 'Red'), wanted('b', 'L', 'Red')];

    expect(planMembers(FAMILY, both, present, false)).toEqual({ changes: [], faults: [] });
    expect(ids(planMembers({ ...FAMILY, name: 'Shirt' }, both, present, false).changes)).toEqual(['a', 'b']);
  });

  it('that are not wanted are taken out, or stay', () => {
    const present = locked(member('a', 'M', 'Red'), member('b', 'L', 'Red'));
    const one = [wanted('a', 'M', 'Red')];

    expect(planMembers(FAMILY, one, present, false).changes).toEqual([withoutFamily('b')]);
    expect(planMembers(FAMILY, one, present, true).changes).toEqual([]);
  });

  it.each<[string, WantedMember, string]>([
    ['no product', wanted('none', 'M', 'Red'), 'exists'],
    ['a product of another family', wanted('other', 'M', 'Red'), 'elsewhere'],
    ['too few values', { productId: 'a', options: { Size: 'M' } }, 'options'],
    ['too many values', { productId: 'a', options: { Size: 'M', Colour: 'Red', Fit: 'Slim' } }, 'options'],
    ['values of other options', { productId: 'a', options: { Size: 'M', Fit: 'Slim' } }, 'options'],
    ['the values of another member', wanted('a', 'l', 'RED'), 'taken'],
  ])('are not what has %s', (_, one, kind) => {
    const present = locked(single('a'), member('b', 'L', 'Red'), member('other', 'M', 'Red', 'mugs'));

    const { changes, faults } = planMembers(FAMILY, [one], present, true);

    expect([changes, kinds(faults)]).toEqual([[], [`0 ${kind}`]]);
  });

  it('are each wanted once, with values of their own', () => {
    const both = [wanted('a', 'M', 'Red'), wanted('a', 'L', 'Red'), wanted('b', 'm', 'red')];

    const { changes, faults } = planMembers(FAMILY, both, locked(single('a'), single('b')), true);

    expect([ids(changes), kinds(faults)]).toEqual([['a'], ['1 repeated', '2 repeated']]);
  });

  it('can exchange their values', () => {
    const present = locked(member('a', 'M', 'Red'), member('b', 'L', 'Red'));

    const { changes, faults } = planMembers(FAMILY, [wanted('a', 'L', 'Red'), wanted('b', 'M', 'Red')], present, true);

    expect([ids(changes), faults]).toEqual([['a', 'b'], []]);
  });

  it('are 500 at most', () => {
    const many = Array.from({ length: MAX_MEMBERS }, (_, at) => member(`m${String(at)}`, String(at), 'Red'));

    const { faults } = planMembers(FAMILY, [wanted('a', 'M', 'Red')], locked(single('a'), ...many), true);

    expect(kinds(faults)).toEqual(['0 full']);
  });
});
