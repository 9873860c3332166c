import type { LimitPolicy } from '../common/http/limits/limits.js';

/** How long the file of a photo may be, in bytes. */
export const MAX_PHOTO = 20 * 1024 * 1024;

/** A page of products shows dozens of photos, each of which is a request. */
export const PhotoReads: LimitPolicy = { name: 'photos', share: 20, by: 'address' };

/** Reading and storing a photo takes about a second of a core. */
export const PhotoUploads: LimitPolicy = { name: 'photo-uploads', share: 0.2, by: 'caller' };
