import sharp, { type Metadata, type OutputInfo, type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { isComplete, isSequence, type PictureType, pictureTypeOf } from './image-content.js';
import { sizeWithin, type ImageFile, type ImageMediaType, LONGER_SIDE, type Size } from './image-files.js';
import { ImageRefused } from './image-failures.js';

// Loaded by the child process alone: here is what decodes pictures that strangers sent.

sharp.concurrency(1);
sharp.cache(false);
// the library reads many more types, among them SVG, which can refer to other files
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadHeif'],
});

/** What libvips calls the types that are taken. */
const FORMATS: Readonly<Record<PictureType, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'heif',
};

/** Some phones write this into each JPEG. The picture is whole, and other programs show it (lovell/sharp#1578). */
const HARMLESS = 'Invalid SOS parameters for sequential JPEG';

/** The longer side of the picture that a ThumbHash is made of, in pixels. */
const THUMB_HASH_SIDE = 100;

const WHITE = '#ffffff';

/** How well a picture is encoded, from 1 to 100: the original better, since the other types are made of it. */
const QUALITY: Readonly<Record<ImageMediaType, { original: number; others: number }>> = {
  'image/jpeg': { original: 90, others: 80 },
  'image/webp': { original: 90, others: 80 },
  'image/avif': { original: 60, others: 50 },
};

/** A decoded picture: upright, in sRGB, three or four bytes a pixel. */
export interface Picture extends Size {
  readonly type: PictureType;
  readonly data: Buffer;
  readonly channels: 3 | 4;
}

/**
 * Decodes a picture, in the size of an original. Its header is read first, and its pixels only if there are not too many.
 * @param maxPixels half as many of an AVIF.
 * @throws ImageRefused
 */
export async function decode(bytes: Buffer, maxPixels: number): Promise<Picture> {
  const type = pictureTypeOf(bytes);
  if (!type) throw new ImageRefused('type');
  if (isSequence(bytes, type)) throw new ImageRefused('animated');
  if (!isComplete(bytes, type)) throw new ImageRefused('broken');
  const size = await sizeOf(bytes, type, maxPixels);
  const { data, info } = await pixelsOf(bytes, size, maxPixels);
  return { type, data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
}

/**
 * How much a pixel counts. What is decoded as a whole, in several copies, takes up to 25 bytes for each pixel: AVIF, and interlaced
 * PNG of 16 bits. Everything else takes up to 9.
 */
const weightOf = ({ format, isProgressive, depth }: Metadata): number =>
  format === 'heif' || (isProgressive && depth === 'ushort') ? 2 : 1;

/** The size of a picture when it stands upright, by its header. */
async function sizeOf(bytes: Buffer, type: PictureType, maxPixels: number): Promise<Size> {
  // the limit of the library has no error of its own
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch(refuse);
  if (header.width * header.height * weightOf(header) > maxPixels) throw new ImageRefused('pixels');
  if (header.format !== FORMATS[type]) throw new ImageRefused('type');
  if ((header.pages ?? 1) > 1) throw new ImageRefused('animated');
  return header.autoOrient;
}

async function pixelsOf(bytes: Buffer, size: Size, maxPixels: number): Promise<{ data: Buffer; info: OutputInfo }> {
  const read = (failOn: 'warning' | 'error'): ReturnType<typeof pixels> => {
    const image = sharp(bytes, { autoOrient: true, limitInputPixels: maxPixels, failOn });
    return pixels(resize(image, size, sizeWithin(size, LONGER_SIDE.original)).toColourspace('srgb'));
  };
  try {
    return await read('warning');
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(HARMLESS))) return refuse(error);
    return read('error').catch(refuse);
  }
}

/** Has what the library says of a picture refuse it; that memory is used up is not the picture's fault. */
function refuse(error: unknown): never {
  if (error instanceof Error && /out of memory|bad_alloc|allocat/i.test(error.message)) throw error;
  throw new ImageRefused('broken');
}

/** Whether anything shows through. */
export function isTransparent({ data, channels }: Picture): boolean {
  if (channels === 3) return false;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** Encodes a picture in a size. What is encoded depends on nothing else: no metadata, no time. */
export function encode(picture: Picture, { variant, mediaType, width, height }: ImageFile): Promise<Buffer> {
  const quality = QUALITY[mediaType][variant === 'original' ? 'original' : 'others'];
  const image = resize(imageOf(picture), picture, { width, height });
  switch (mediaType) {
    case 'image/jpeg':
      return image.flatten({ background: WHITE }).jpeg({ quality, progressive: true }).toBuffer();
    case 'image/webp':
      return image.webp({ quality, effort: 2 }).toBuffer();
    case 'image/avif':
      // effort 2 takes five times as long, and saves a few per cent of the bytes
      return image.avif({ quality, effort: 0, chromaSubsampling: '4:2:0' }).toBuffer();
  }
}

/** A placeholder of about 20 bytes (ThumbHash), in Base64. */
export async function thumbHashOf(picture: Picture): Promise<string> {
  const small = resize(imageOf(picture), picture, sizeWithin(picture, THUMB_HASH_SIDE)).ensureAlpha();
  const { data, info } = await pixels(small);
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}

const imageOf = ({ data, width, height, channels }: Picture): Sharp =>
  sharp(data, { raw: { width, height, channels } });

const pixels = (image: Sharp): Promise<{ data: Buffer; info: OutputInfo }> =>
  image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });

const resize = (image: Sharp, from: Size, { width, height }: Size): Sharp =>
  width === from.width && height === from.height ? image : image.resize(width, height, { fit: 'fill' });
