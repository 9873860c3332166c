import { HttpException } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** One kind of failure that a client can meet: contract, so `type` and `status` don't change once released. */
export interface ProblemKind {
  /** The last segment of the `type` URI: `/problems/{slug}`. */
  readonly slug: string;
  readonly status: number;
  /** A short summary, the same at each occurrence. */
  readonly title: string;
  /** What it means and what to do about it: the text of its page, and of its entry in the document. */
  readonly description: string;
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

const registry = new Map<string, ProblemKind>();

/** Registers a kind of failure: it gets its page under `/problems` and may be named by {@link Problems} on a route. */
export function defineProblem(slug: string, status: number, title: string, description: string): ProblemKind {
  if (registry.has(slug)) throw new Error(`the problem ${slug} is defined twice`);
  const kind = Object.freeze({ slug, status, title, description });
  registry.set(slug, kind);
  return kind;
}

/** All kinds of failure, in the order of their slugs. */
export const problemKinds = (): ProblemKind[] => [...registry.values()].sort((a, b) => a.slug.localeCompare(b.slug));

/** What a problem may say beyond its kind. */
export interface ProblemExtras {
  errors?: Fault[];
  /** Members of the problem document besides the standard ones, e.g. `allowed` for an illegal transition. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** A failure to be answered as `application/problem+json` (RFC 9457). */
export class Problem extends HttpException {
  constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
    options?: ErrorOptions,
  ) {
    super(detail, kind.status, options);
  }
}

/** Names the kinds of failure that are a route's own; what the mechanisms can answer is known without it. */
export const Problems = (...kinds: ProblemKind[]): MethodDecorator =>
  ApiExtension(
    'x-problems',
    kinds.map((kind) => kind.slug),
  );
