import { attributeNameOf } from '../common/attributes/attribute-names.js';
import { ATTRIBUTE_TYPES, type AttributeType } from './reader.types.js';

/** The members of a product that a column can be; another one is `attributes.<name>`. */
export const MEMBERS = [
  'sku',
  'name',
  'description',
  'price',
  'price.amount',
  'price.currency',
  'categories',
  'stock',
  'status',
  'photos',
];

/** What may stand between the words of a name. */
const BETWEEN = /[\s._-]+/;
/** With the type that it may end in: `attributes.ean:text`. */
const ATTRIBUTE = /^attributes[\s._-]+(.+?)(?:\s*:\s*(text|number|boolean|json))?$/i;

/** What the last column of the lines that are to be corrected is called; it is skipped. */
export const FAULT_COLUMN = 'What is wrong';

/** A name in small letters, without what stands between its words: names in any case and spacing are the same. */
export const plain = (name: string): string => name.normalize('NFC').trim().toLowerCase().split(BETWEEN).join('');

const BY_PLAIN_NAME = new Map(MEMBERS.map((member) => [plain(member), member]));

/**
 * The member that our own name of a column stands for, in any case and spacing: `Price Amount`, `PRICE.AMOUNT` and `price_amount` are
 * `price.amount`, `Attributes Lead Time` is `attributes.leadTime`. @returns undefined when there is none of that name.
 */
export function memberNamed(name: string): string | undefined {
  const written = ATTRIBUTE.exec(name.trim())?.[1];
  if (written === undefined) return BY_PLAIN_NAME.get(plain(name));
  return attributeMember(written);
}

/** The type that the header gives a column of attributes; undefined where it gives none. */
export function typeNamed(name: string): AttributeType | undefined {
  const type = ATTRIBUTE.exec(name.trim())?.[2]?.toLowerCase();
  return ATTRIBUTE_TYPES.find((known) => known === type);
}

/** The attribute that a column with some title can be, e.g. `attributes.leadTime`. */
export function attributeMember(title: string): string | undefined {
  const attribute = attributeNameOf(title);
  return attribute === undefined ? undefined : `attributes.${attribute}`;
}
