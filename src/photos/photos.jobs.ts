import { defineJob } from '../common/jobs/define-job.js';

/** Makes the variants of a photo that its upload did not wait for. */
export const MakeVariants = defineJob<{ photoId: string }>('photos.make-variants');

/** Compares the files of photos with the storage, from where the last one stopped. */
export const VerifyFiles = defineJob<null>('photos.verify-files', { attempts: 3, timeout: 0 });

/** Removes from the storage what no photo needs any more. */
export const RemoveFiles = defineJob<null>('photos.remove-files', { timeout: 0 });
