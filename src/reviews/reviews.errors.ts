import { defineError } from '../common/errors/app-error.js';

export const ReviewProductTaken = defineError(
  'review-product-taken',
  'conflict',
  'There is a review of this product already',
  'You have made a review of this product before. Change or delete that one.',
);
