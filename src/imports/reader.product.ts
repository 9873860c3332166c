import { AppError } from '../common/errors/app-error.js';
import { faultText } from '../common/errors/fault-texts.js';
import { StrictValidationPipe } from '../common/http/input/validation.pipe.js';
import type { BulkProduct } from '../products/products.bulk.service.js';
import { ImportProductDto, ImportProductWithPhotosDto } from './dto/import-product.dto.js';
import { namesIn } from './reader.paths.js';
import type { Family } from './formats/format.js';

/** What is wrong with a line. */
export interface LineFault {
  /** The column, or the member by its path, e.g. `price.amount`; null when it is the line as a whole. */
  column: string | null;
  /** For programs: stable. */
  code: string;
  /** For people, to be read after the column: `must be an integer number`. */
  detail: string;
}

/** A product, with the names of its photos as they are written; or all that is wrong with it. */
export type Checked = { product: BulkProduct; photos?: readonly string[]; family?: Family } | { faults: LineFault[] };

/** The maximum number of faults that are reported of one line. */
const MAX_LINE_FAULTS = 20;

/** Whether the text is what PostgreSQL stores: no NUL, no half of a surrogate pair. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

export const ENCODING_FAULT = {
  code: 'encoding',
  detail: 'must be text in the encoding of the file, without NUL characters',
} as const;

/** What is wrong with `photos` where they are not taken: a server fetches nothing that an upload names. */
export const PHOTOS_FAULT = {
  code: 'photos',
  detail: 'are imported by the command alone: npm run import -- <file> --photos <folder> or --fetch-photos',
} as const;

/** The validation of every body of the API: a line is held to the same rules. */
const validation = new StrictValidationPipe();

/**
 * Reads one product as it stands in the API, categories as paths.
 * @param takesPhotos whether it may name photos.
 */
export async function toProduct(value: unknown, takesPhotos: boolean): Promise<Checked> {
  const malformed = [...malformedIn(value, [])];
  if (malformed.length > 0) return { faults: limitFaults(malformed) };
  try {
    const metatype = takesPhotos ? ImportProductWithPhotosDto : ImportProductDto;
    const dto: unknown = await validation.transform(value, { type: 'body', metatype });
    if (!(dto instanceof ImportProductDto)) throw new TypeError('The validation made something else of a line.');
    const { sku, name, description, price, categories, stock, status, attributes } = dto;
    return {
      product: { sku, name, description, price, categories: categories?.map(namesIn), stock, status, attributes },
      photos: dto instanceof ImportProductWithPhotosDto ? dto.photos : undefined,
    };
  } catch (error) {
    return { faults: faultsIn(error) };
  }
}

/** Texts that can't be stored, and a list in the place of an object: the validator takes both. */
function* malformedIn(value: unknown, path: readonly string[]): Generator<LineFault> {
  const column = path.length > 0 ? truncated(path.join('.'), 100) : null;
  if (typeof value === 'string' && !isStorableText(value)) yield { column, ...ENCODING_FAULT };
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && path.join('.') === 'price') {
    yield { column, code: 'isObject', detail: 'must be an object' };
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (isStorableText(name)) yield* malformedIn(member, [...path, name]);
    else yield { column, ...ENCODING_FAULT };
  }
}

/** What a {@link AppError} says about a line, that of its body. @throws any other error. */
export function faultsIn(error: unknown): LineFault[] {
  if (!(error instanceof AppError)) throw error;
  const faults = (error.extras.errors ?? []).map(({ pointer = '', code, detail }) => {
    const names = pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    return {
      column: names.length > 0 ? truncated(names.join('.'), 100) : null,
      ...(code === 'unknown' && pointer === '#/photos' ? PHOTOS_FAULT : describeFault(code, detail, names.at(-1))),
    };
  });
  return limitFaults(faults.length > 0 ? faults : [{ column: null, code: 'json', detail: 'must be one JSON object' }]);
}

/** The first faults of a line; the last one says how many there are in all. */
export function limitFaults(faults: readonly LineFault[]): LineFault[] {
  if (faults.length <= MAX_LINE_FAULTS) return [...faults];
  const detail = `has ${String(faults.length)} faults in all; the first ${String(MAX_LINE_FAULTS)} are listed`;
  return [...faults.slice(0, MAX_LINE_FAULTS), { column: null, code: 'more', detail }];
}

function describeFault(code: string, message: string, property: string | undefined): Omit<LineFault, 'column'> {
  if (code === 'unknown') return { code, detail: 'is not known here' };
  if (code === 'isDefined') return { code: 'required', detail: 'is missing' };
  if (code === 'nestedValidation') return { code: 'isObject', detail: 'must be an object' };
  return { code, detail: truncated(faultText(property ?? '', message), 2000) };
}

/** A name in a file may be very long; that of a column isn't. */
export const truncated = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
