import { rgbaToThumbHash } from 'thumbhash';
import type { DrawnPicture } from '../../photos/drawn-photos.service.js';
import { SIDE } from './picture.js';

/** The side of the small variant, in pixels; and of what the ThumbHash is made of, of which it has every so many. */
const [THUMB, HASHED] = [200, 25];

/** As fast as can be, since there are thousands: quality from 1 to 100. */
const JPEG = { quality: 75, optimiseCoding: false };

/**
 * Makes JPEGs of an SVG document that the project has drawn: never of one that somebody sent, which can refer to other files. It is done beside
 * the event loop, by one thread.
 */
export async function rasterise(svg: string): Promise<DrawnPicture> {
  // a library of 20 MB, which nothing else needs in this process
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  const original = await sharp(Buffer.from(svg)).jpeg(JPEG).toBuffer();
  const small = await sharp(original).resize(THUMB, THUMB).raw().toBuffer();
  const thumb = sharp(small, { raw: { width: THUMB, height: THUMB, channels: 3 } });
  return {
    side: SIDE,
    thumbSide: THUMB,
    original,
    thumb: await thumb.jpeg(JPEG).toBuffer(),
    thumbHash: Buffer.from(rgbaToThumbHash(HASHED, HASHED, sample(small))).toString('base64'),
  };
}

/** Some of the pixels of a thumb, with the fourth byte that a ThumbHash has. */
function sample(thumb: Buffer): Uint8Array {
  const step = THUMB / HASHED;
  return Uint8Array.from({ length: HASHED * HASHED * 4 }, (_, at) => {
    const [pixel, channel] = [at >> 2, at & 3];
    const place = Math.floor(pixel / HASHED) * step * THUMB + (pixel % HASHED) * step;
    return channel === 3 ? 255 : (thumb[place * 3 + channel] ?? 0);
  });
}
