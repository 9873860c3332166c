import { type DataSchema, defineEvent } from '../common/events/define-event.js';

/** What an event says of a family beyond its id and version. */
interface ProductFamilyEventData {
  code: string | null;
}

const DATA: DataSchema<ProductFamilyEventData> = {
  code: { type: ['string', 'null'], description: 'The shop’s own code for it; null for none.' },
};

export const ProductFamilyCreated = defineEvent('product-family.created', 1, 'A product family was created.', DATA);
export const ProductFamilyUpdated = defineEvent(
  'product-family.updated',
  1,
  'A product family or its members were changed. A deleted product is no change of its family.',
  DATA,
);
export const ProductFamilyDeleted = defineEvent(
  'product-family.deleted',
  1,
  'A product family was deleted. Its members are still products.',
  DATA,
);
