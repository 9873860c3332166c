import type { Schema } from '../json-schema/schema.js';
import { faultText, nameAt } from './fault-texts.js';

/**
 * Why something is refused or fails, as far as a mechanism has to know it: what answers a request makes a status of it, what
 * executes a job decides by it whether to try again.
 */
export type ErrorReason =
  | 'malformed'
  | 'unauthenticated'
  | 'declined'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'outdated'
  | 'unsupported'
  | 'invalid'
  | 'too-many'
  | 'internal'
  | 'unavailable';

/** One kind of failure that a client can meet: contract, so `code` and `reason` don't change once released. */
export interface ErrorKind {
  /** Its name for programs: `sku-taken`; also the last segment of the `type` URI, `/problems/{code}`. */
  readonly code: string;
  readonly reason: ErrorReason;
  /** A short summary, the same at each occurrence. */
  readonly title: string;
  /** What it means and what to do about it: the text of its page, and of its entry in the document. */
  readonly description: string;
  /** The members that its documents have in addition to the standard ones, e.g. `allowed` for an illegal transition. */
  readonly members: Readonly<Record<string, Schema>>;
}

/** One wrong value: where it stands and what is wrong with it. */
export interface Fault {
  /** JSON Pointer into the body, as a URI fragment: `#/items/0/quantity`. */
  pointer?: string;
  /** Name of the query or path parameter. */
  parameter?: string;
  /** Name of the request header. */
  header?: string;
  /** Stable machine code, e.g. `min`. */
  code: string;
  detail: string;
}

/** How many faults an error names. */
export const MOST_FAULTS = 100;
/** How long the texts of an error are at most, in characters: what a client sent may stand in them. */
export const LONGEST = { place: 1000, detail: 2000 } as const;

const registry = new Map<string, ErrorKind>();

/** Registers a kind of failure: it gets its page under `/problems` and may be named by `@Problems` on a route. */
export function defineError(
  code: string,
  reason: ErrorReason,
  title: string,
  description: string,
  members: Record<string, Schema> = {},
): ErrorKind {
  if (registry.has(code)) throw new Error(`the error ${code} is defined twice`);
  const kind = Object.freeze({ code, reason, title, description, members });
  registry.set(code, kind);
  return kind;
}

/** All kinds of failure, in the order of their codes. */
export const errorKinds = (): ErrorKind[] => [...registry.values()].sort((a, b) => a.code.localeCompare(b.code));

/** What an error may say beyond its kind. */
export interface ErrorDetails {
  errors?: Fault[];
  /** The members that the kind has in addition to the standard ones. */
  members?: Record<string, unknown>;
  /** When it may be tried again, in seconds from now. */
  retryAfter?: number;
  /** The version that the resource has now, where another one was expected. */
  version?: number;
  /** How to sign in, as the `WWW-Authenticate` of the answer: `Bearer error="invalid_token"`. */
  challenge?: string;
}

/** A failure with a code and words for the client. What answers a request makes a problem document of it (RFC 9457). */
export class AppError extends Error {
  readonly detail: string;
  readonly extras: ErrorDetails;

  constructor(
    readonly kind: ErrorKind,
    detail: string,
    extras: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.detail = cut(detail, LONGEST.detail);
    this.extras = extras.errors ? { ...extras, errors: extras.errors.slice(0, MOST_FAULTS).map(shortened) } : extras;
  }
}

const shortened = ({ pointer, parameter, header, code, detail }: Fault): Fault => ({
  ...(pointer !== undefined && { pointer: cut(pointer, LONGEST.place) }),
  ...(parameter !== undefined && { parameter: cut(parameter, LONGEST.place) }),
  ...(header !== undefined && { header: cut(header, LONGEST.place) }),
  code,
  detail: cut(faultText(nameAt(pointer ?? parameter ?? header ?? ''), detail), LONGEST.detail),
});

/** A text as an error may carry it: not too long, and without U+0000. */
const cut = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text).replaceAll('\0', '\uFFFD');
