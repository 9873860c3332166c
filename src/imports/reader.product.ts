import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import type { BulkProduct } from '../products/bulk.service.js';
import { ImportProductDto, namesIn } from './dto/import-product.dto.js';

/** What is wrong with a line. */
export interface LineFault {
  /** The column, or the member by its path, e.g. `price.amount`; null when it is the line as a whole. */
  column: string | null;
  /** For programs: stable. */
  code: string;
  /** For people, to be read after the column: `must be an integer number`. */
  detail: string;
}

/** A product, or all that is wrong with it. */
export type Checked = { product: BulkProduct } | { faults: LineFault[] };

/** The members of a product are no deeper: what is, would only keep the validator busy. */
const MAX_DEPTH = 3;
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
const BROKEN_TEXT = /[\0\uFFFD]/;

/** Whether the text is what PostgreSQL stores: no NUL, nothing that was no UTF-8 (read as U+FFFD), no half of a surrogate pair. */
export const isSoundText = (text: string): boolean => !BROKEN_TEXT.test(text) && text.isWellFormed();

export const ENCODING_FAULT = { code: 'encoding', detail: 'must be text in UTF-8 without NUL characters' } as const;

/** Reads one product as it stands in the API, categories as paths. */
export function toProduct(value: unknown): Checked {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { faults: [{ column: null, code: 'isObject', detail: 'must be a JSON object' }] };
  }
  const malformed = [...malformedIn(value, '', 1)];
  if (malformed.length > 0) return { faults: malformed };

  const dto = plainToInstance(ImportProductDto, value);
  const errors = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) return { faults: faultsOf(errors, '') };
  const { sku, name, description, price, categories, stock, status, attributes } = dto;
  return {
    product: { sku, name, description, price, categories: categories?.map(namesIn), stock, status, attributes },
  };
}

/** What must not come near the validator or the database, wherever it stands. */
function* malformedIn(value: unknown, path: string, depth: number): Generator<LineFault> {
  if (typeof value === 'string') {
    if (!isSoundText(value)) yield { column: path, ...ENCODING_FAULT };
  } else if (typeof value === 'object' && value !== null) {
    if (depth > MAX_DEPTH) {
      yield { column: path, code: 'depth', detail: 'is nested too deeply' };
      return;
    }
    const members: [string, unknown][] = Object.entries(value);
    for (const [name, member] of members) {
      const place = path === '' ? name : `${path}.${name}`;
      if (!isSoundText(name))
        yield { column: path || null, code: 'encoding', detail: 'has a member whose name is no UTF-8' };
      else if (FORBIDDEN_NAMES.has(name))
        yield { column: clipped(place), code: 'unknown', detail: 'is not known here' };
      else yield* malformedIn(member, clipped(place), depth + 1);
    }
  }
}

function faultsOf(errors: readonly ValidationError[], parent: string): LineFault[] {
  return errors.flatMap((error) => {
    const column = clipped(parent === '' ? error.property : `${parent}.${error.property}`);
    const broken = Object.entries(error.constraints ?? {});
    // A value of the wrong type breaks the other rules too, which says nothing.
    const ofType = broken.filter(([constraint]) => /^is[A-Z]/.test(constraint));
    const told = (ofType.length > 0 ? ofType : broken).map(([constraint, message]) => ({
      column,
      ...toldOf(constraint, message, error.property),
    }));
    return [...told, ...faultsOf(error.children ?? [], column)];
  });
}

function toldOf(constraint: string, message: string, property: string): Omit<LineFault, 'column'> {
  if (constraint === 'whitelistValidation') return { code: 'unknown', detail: 'is not known here' };
  if (constraint === 'isDefined') return { code: 'required', detail: 'is missing' };
  if (constraint === 'nestedValidation') return { code: 'isObject', detail: 'must be an object' };
  return {
    code: constraint,
    detail: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
  };
}

/** A name in a file may be a megabyte long; that of a column isn't. */
const clipped = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);
