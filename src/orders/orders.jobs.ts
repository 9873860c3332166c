import { defineJob } from '../common/jobs/define-job.js';

/** Expires the orders that were not paid in time, and returns their stock. */
export const ExpireOrders = defineJob<null>('orders.expire', {
  // as many as are due
  timeout: 0,
});
