import { defineJob } from '../common/jobs/define-job.js';

/** Draws the pictures of the products of the demo shop that have no photo. */
export const DrawPictures = defineJob<null>('demo.draw-pictures', { timeout: 0 });
