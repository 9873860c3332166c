import { defineError } from '../common/errors/app-error.js';

export const FamilyCodeTaken = defineError(
  'product-family-code-taken',
  'conflict',
  'The code of the family is taken',
  'Another product family has this code. Choose another, or change that family.',
);
export const InAnotherFamily = defineError(
  'product-in-another-family',
  'conflict',
  'The product is in another family',
  'A product is in one family at most. Take it out of the other one first.',
);
export const VariantTaken = defineError(
  'variant-taken',
  'conflict',
  'Another member of the family has these values',
  'No two members of a family have the same values of its options, whether in capital or in small letters. Choose other values, or change that member first.',
);
export const FamilyFull = defineError(
  'product-family-full',
  'conflict',
  'The family has as many members as it may',
  'A family has at most 500 members. Take another one out first.',
);
