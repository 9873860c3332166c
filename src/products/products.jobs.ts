import { defineJob } from '../common/jobs/define-job.js';

/** Brings the names of a category and of those above it to the products below it, which are found by them. */
export const RefreshCategoryNames = defineJob<{ categoryId: string }>('products.refresh-category-names', {
  // as many products as the shop has
  timeout: 0,
});
