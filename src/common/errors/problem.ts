import { HttpException } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Schema } from '../json-schema/schema.js';
import { faultText, nameAt } from './fault-texts.js';

/** One kind of failure that a client can meet: contract, so `type` and `status` don't change once released. */
export interface ProblemKind {
  /** The last segment of the `type` URI: `/problems/{slug}`. */
  readonly slug: string;
  readonly status: number;
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

/** How many faults a problem names. */
export const MOST_FAULTS = 100;
/** How long the texts of a problem are at most, in characters: what a client sent may stand in them. */
export const LONGEST = { place: 1000, detail: 2000 } as const;

const registry = new Map<string, ProblemKind>();

/** Registers a kind of failure: it gets its page under `/problems` and may be named by {@link Problems} on a route. */
export function defineProblem(
  slug: string,
  status: number,
  title: string,
  description: string,
  members: Record<string, Schema> = {},
): ProblemKind {
  if (registry.has(slug)) throw new Error(`the problem ${slug} is defined twice`);
  const kind = Object.freeze({ slug, status, title, description, members });
  registry.set(slug, kind);
  return kind;
}

/** All kinds of failure, in the order of their slugs. */
export const problemKinds = (): ProblemKind[] => [...registry.values()].sort((a, b) => a.slug.localeCompare(b.slug));

/** What a problem may say beyond its kind. */
export interface ProblemExtras {
  errors?: Fault[];
  /** The members that the kind has in addition to the standard ones. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** A failure to be answered as `application/problem+json` (RFC 9457). */
export class Problem extends HttpException {
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(
    readonly kind: ProblemKind,
    detail: string,
    extras: ProblemExtras = {},
    options?: ErrorOptions,
  ) {
    super(detail, kind.status, options);
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

/** A text as a problem may carry it: not too long, and without U+0000. */
const cut = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text).replaceAll('\0', '\uFFFD');

/** Names the kinds of failure that are a route's own; what the mechanisms can answer is known without it. */
export const Problems = (...kinds: ProblemKind[]): MethodDecorator =>
  ApiExtension(
    'x-problems',
    kinds.map((kind) => kind.slug),
  );
