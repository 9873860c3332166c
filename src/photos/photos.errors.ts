import { defineError } from '../common/errors/app-error.js';

export const PhotoTypeUnsupported = defineError(
  'photo-type-unsupported',
  'unsupported',
  'The file is no picture of a known type',
  'The content of the file decides its type, not its name and not what the form says. Send a JPEG, PNG, WebP or AVIF; save other pictures (SVG, GIF, TIFF, HEIC) as one of these first.',
);
export const PhotoTooManyPixels = defineError(
  'photo-too-many-pixels',
  'invalid',
  'The picture has too many pixels',
  'A picture may have 50 megapixels at most. Make it smaller, and send it again.',
);
export const PhotoAnimated = defineError(
  'photo-animated',
  'invalid',
  'The picture is animated',
  'A photo is one still picture. Save one frame of it, and send that.',
);
export const PhotoBroken = defineError(
  'photo-broken',
  'invalid',
  'The picture cannot be read',
  'The file begins as a picture, but ends too early or is damaged. Save it again in a program for pictures, and send that.',
);
export const PhotoTooSlow = defineError(
  'photo-too-slow',
  'invalid',
  'Reading the picture takes too long',
  'The picture is so built that reading it takes longer than a picture may. Save it again in a program for pictures, and send that.',
);
export const TooManyPhotos = defineError(
  'too-many-photos',
  'conflict',
  'There are as many photos as there may be',
  'A product may have 20 photos. Delete one that is not needed, and send this one again.',
);
export const PhotoQuotaExceeded = defineError(
  'photo-quota-exceeded',
  'conflict',
  'Your photos take up all the space that they may',
  'The photos that one user has sent may take up a limited space together. Delete some that are not needed; who runs the shop can raise the limit (`PHOTO_QUOTA_MIB`).',
);

/** What may be wrong with a picture. */
export const PICTURE_PROBLEMS = [
  PhotoTypeUnsupported,
  PhotoTooManyPixels,
  PhotoAnimated,
  PhotoBroken,
  PhotoTooSlow,
] as const;
