import { defineProblem } from '../common/errors/problem.js';

export const ReviewProductTaken = defineProblem(
  'review-product-taken',
  409,
  'There is a review of this product already',
  'You have made a review of this product before. Change or delete that one.',
);
