import { type ImageTask, LONGER_SIDE, type Size } from './image-files.js';
import { REFUSAL_REASONS, type RefusalReason } from './image-failures.js';

/** What a child is asked to do. */
export interface ImageRequest {
  readonly task: ImageTask;
  /** The file to read. */
  readonly path: string;
  /** The folder to write to: empty, and of this request alone. */
  readonly folder: string;
  /** How many pixels a picture has at most. */
  readonly maxPixels: number;
}

/** What is known of a picture whose files are made. */
export interface PictureFacts extends Size {
  readonly hasAlpha: boolean;
  /** A placeholder of about 20 bytes (ThumbHash), in Base64. */
  readonly thumbHash: string;
}

/** What a child answers: the files are made, the picture is refused, or something else failed. */
export type ImageReply =
  { readonly made: PictureFacts } | { readonly refused: RefusalReason } | { readonly failed: string };

/** What a child sends first, when it can be asked. */
export const READY = 'ready';

/** The longest text that is taken from a child, in characters. */
const LONGEST_TEXT = 500;

/**
 * Reads what a child answered. A picture may have taken the child over, so nothing of it is believed; no reply names a path.
 * @returns undefined when it is no reply.
 */
export function parseReply(message: unknown): ImageReply | undefined {
  if (!isObject(message)) return undefined;
  const { made, refused, failed } = message;
  if (isFacts(made)) {
    const { width, height, hasAlpha, thumbHash } = made;
    return { made: { width, height, hasAlpha, thumbHash } };
  }
  const reason = REFUSAL_REASONS.find((known) => known === refused);
  if (reason) return { refused: reason };
  return typeof failed === 'string' ? { failed: failed.slice(0, LONGEST_TEXT) } : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isSide = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGER_SIDE.original;

function isFacts(value: unknown): value is PictureFacts {
  return (
    isObject(value) &&
    isSide(value.width) &&
    isSide(value.height) &&
    typeof value.hasAlpha === 'boolean' &&
    typeof value.thumbHash === 'string' &&
    /^[A-Za-z0-9+/]{4,50}={0,2}$/.test(value.thumbHash)
  );
}
