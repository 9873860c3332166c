/** What a stored picture is made in, from the largest to the smallest. The original is what the others are made of. */
const VARIANTS = ['original', 'large', 'medium', 'thumb'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What pictures are sent to clients as. */
export type ImageMediaType = 'image/jpeg' | 'image/webp' | 'image/avif';

/** How long the longer side of a variant is at most, in pixels. No variant is larger than the picture that came. */
export const LONGER_SIDE: Readonly<Record<Variant, number>> = { original: 2560, large: 1600, medium: 800, thumb: 200 };

/** `accept` makes what is there at once of a picture that came; `derive` makes the rest, of the original. */
export type ImageTask = 'accept' | 'derive';

/** The size of a picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A file that a task makes. */
export interface ImageFile extends Size {
  readonly variant: Variant;
  readonly mediaType: ImageMediaType;
}

const EXTENSIONS: Readonly<Record<ImageMediaType, string>> = {
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/avif': 'avif',
};

/** The name of a file in the folder that a task writes to. */
export const nameOf = ({ variant, mediaType }: Pick<ImageFile, 'variant' | 'mediaType'>): string =>
  `${variant}.${EXTENSIONS[mediaType]}`;

/** The size of a picture whose longer side is cut to `longest`: proportional, at least 1 × 1, never enlarged. */
export function sizeWithin({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale));
  return { width: scaled(width), height: scaled(height) };
}

/**
 * The files that a task makes of a picture. JPEG has no transparency: where there is some, the original is also kept as WebP, and
 * the rest is made of that.
 * @param size of the original.
 */
export function filesOf(task: ImageTask, size: Size, hasAlpha: boolean): ImageFile[] {
  return mediaTypesOf(task, hasAlpha).flatMap((mediaType) =>
    VARIANTS.map((variant) => ({ variant, mediaType, ...sizeWithin(size, LONGER_SIDE[variant]) })),
  );
}

function mediaTypesOf(task: ImageTask, hasAlpha: boolean): ImageMediaType[] {
  if (task === 'accept') return hasAlpha ? ['image/jpeg', 'image/webp'] : ['image/jpeg'];
  return hasAlpha ? ['image/avif'] : ['image/webp', 'image/avif'];
}
