/** What pictures may come as. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif';

/** The box that an AVIF file begins with is a list of brands, and is not longer than this, in bytes. */
const LONGEST_BRANDS = 1024;

/**
 * The type of a file by its first bytes, not by its name or what the client says; undefined when it is none of those that are taken.
 * HEIF files with another codec than AV1 (HEIC) are not.
 */
export function pictureTypeOf(bytes: Uint8Array): PictureType | undefined {
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg';
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (startsWith(bytes, 'RIFF') && textAt(bytes, 8, 4) === 'WEBP') return 'image/webp';
  return brandsOf(bytes).some((brand) => brand === 'avif' || brand === 'avis') ? 'image/avif' : undefined;
}

/**
 * Whether a file says that it is animated, in a way that libvips doesn't see: it takes the first picture of an APNG, and the cover
 * picture of an AVIF sequence. That a WebP file is animated, it sees.
 */
export function isSequence(bytes: Uint8Array, type: PictureType): boolean {
  if (type === 'image/avif') return brandsOf(bytes).includes('avis');
  if (type !== 'image/png') return false;
  for (const chunk of chunksOf(bytes)) {
    if (chunk === 'acTL') return true;
    // where it counts, it stands before the pixels
    if (chunk === 'IDAT') return false;
  }
  return false;
}

/** Whether a PNG has its last chunk; libvips doesn't miss it. Other types are read to their end. */
export function isComplete(bytes: Uint8Array, type: PictureType): boolean {
  if (type !== 'image/png') return true;
  for (const chunk of chunksOf(bytes)) if (chunk === 'IEND') return true;
  return false;
}

/** The types of the chunks of a PNG that are there with all of their bytes. */
function* chunksOf(bytes: Uint8Array): Generator<string> {
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + numberAt(bytes, at);
    if (end > bytes.length) return;
    yield textAt(bytes, at + 4, 4);
    at = end;
  }
}

/** The brands of an ISO base media file (ISO/IEC 14496-12): its major brand, and those that it is compatible with. */
function brandsOf(bytes: Uint8Array): string[] {
  if (bytes.length < 16 || textAt(bytes, 4, 4) !== 'ftyp') return [];
  const end = Math.min(numberAt(bytes, 0), bytes.length, LONGEST_BRANDS);
  const brands = [textAt(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(textAt(bytes, at, 4));
  return brands;
}

const startsWith = (bytes: Uint8Array, text: string): boolean => textAt(bytes, 0, text.length) === text;

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** An unsigned number of four bytes, the highest first. */
const numberAt = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
