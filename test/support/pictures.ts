import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** A colour, as red, green and blue. */
export type Colour = readonly [number, number, number];

/** The colours of the corners of {@link corners}: above left and right, below left and right. */
export const CORNERS = {
  topLeft: [200, 40, 40],
  topRight: [40, 160, 60],
  bottomLeft: [50, 60, 200],
  bottomRight: [230, 210, 60],
} as const;

/** A picture whose four quarters have different colours, so that one sees how it stands. */
export function corners(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isLeft = x < width / 2;
      const colour =
        y < height / 2
          ? isLeft
            ? CORNERS.topLeft
            : CORNERS.topRight
          : isLeft
            ? CORNERS.bottomLeft
            : CORNERS.bottomRight;
      data.set(colour, (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The same with a place and a camera in EXIF, XMP, a colour profile, and an orientation of EXIF: 6 is to be turned clockwise. */
export const withMetadata = (image: Sharp, orientation = 1): Sharp =>
  image
    .withMetadata({ orientation })
    .withExifMerge({
      IFD0: { Make: 'Camera', Copyright: 'Somebody' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 3230/100',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 7/1 4366/100',
      },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret/></x:xmpmeta>')
    .withIccProfile('srgb');

/** A picture with fine detail, the same always, which takes as long to encode as a photograph. */
export function noise(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const data = randomBytes(width * height * channels);
  return sharp(data, { raw: { width, height, channels } });
}

/** A JPEG of 4000 × 3000 pixels and about 4 MB, as phones make them. */
export const photograph = async (): Promise<Buffer> =>
  sharp(await noise(1000, 750).raw().toBuffer(), { raw: { width: 1000, height: 750, channels: 3 } })
    .resize(4000, 3000, { kernel: 'linear' })
    .jpeg({ quality: 92 })
    .withMetadata({ orientation: 6 })
    .toBuffer();

/** Bytes that look random and are the same always (xorshift32). */
export function randomBytes(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 2_463_534_242;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/** A chunk of a PNG, with its checksum. */
export function pngChunk(type: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** So many bytes of zero, compressed to about a hundredth. */
export const zeros = (bytes: number): Buffer => deflateSync(Buffer.alloc(bytes), { level: 1 });

/** A PNG built by hand: grey, of so many pixels as its header says, and with these bytes as its compressed pixels. */
export function pngOf(width: number, height: number, pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND'),
  ]);
}

/** A lossless WebP built by hand: of so many pixels as its header says, and without them. */
export function webpOf(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(32);
  pixels.writeUInt8(0x2f);
  pixels.writeUInt32LE(((height - 1) << 14) | (width - 1), 1);
  const webp = Buffer.concat([Buffer.from('RIFF....WEBPVP8L....', 'latin1'), pixels]);
  webp.writeUInt32LE(webp.length - 8, 4);
  webp.writeUInt32LE(pixels.length, 16);
  return webp;
}

/** A PNG with chunks put behind its header. */
export const withChunks = (png: Buffer, ...chunks: Buffer[]): Buffer =>
  Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);

/** What makes an APNG of a PNG: it says that it has two pictures. */
export const ANIMATION = [
  pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])),
  pngChunk('fcTL', Buffer.from([0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0])),
];

/** A text in a PNG that is compressed to about a hundredth. */
export const compressedText = (bytes: number): Buffer =>
  pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), zeros(bytes)]));

/** A JPEG with a segment put behind its beginning: 0xfe is a comment. */
export function withSegment(jpeg: Buffer, marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

/** A JPEG as some phones of Samsung write them: the end of the spectral selection of its scan is 0, where it must be 63. */
export function withWrongScan(jpeg: Buffer): Buffer {
  const copy = Buffer.from(jpeg);
  let at = 2;
  while (copy[at + 1] !== 0xda) at += 2 + copy.readUInt16BE(at + 2);
  const components = copy.readUInt8(at + 4);
  copy[at + 6 + 2 * components] = 0;
  return copy;
}

/** The same file with another brand (of 4 characters) in place of each that it says. */
export function withBrands(avif: Buffer, replaced: Record<string, string>): Buffer {
  const copy = Buffer.from(avif);
  for (let at = 8; at < copy.readUInt32BE(0); at += 4) {
    const brand = replaced[copy.toString('latin1', at, at + 4)];
    if (brand) copy.write(brand, at, 'latin1');
  }
  return copy;
}

/** What is right in front, and random from there on. */
export const withGarbage = (bytes: Buffer, from: number): Buffer =>
  Buffer.concat([bytes.subarray(0, from), randomBytes(bytes.length - from)]);

/** An animation of two pictures. */
export const animation = async (type: 'webp' | 'gif'): Promise<Buffer> =>
  sharp([await corners(16, 16).png().toBuffer(), await noise(16, 16).png().toBuffer()], { join: { animated: true } })
    .toFormat(type)
    .toBuffer();

/** The colour of a pixel. */
export async function colourAt(image: Buffer | string, x: number, y: number): Promise<Colour> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [data.readUInt8(at), data.readUInt8(at + 1), data.readUInt8(at + 2)];
}

/** How far two colours are from each other, in the channel where they differ most. */
export const distance = (one: Colour, other: Colour): number =>
  Math.max(...one.map((value, channel) => Math.abs(value - (other[channel] ?? 0))));
