import type { FastifyRequest } from 'fastify';
import { syntaxOf } from './accept.js';

/** The content codings that bodies are sent in, those that are preferred before the others. */
export const CODINGS = ['zstd', 'br', 'gzip'] as const;

/** The content codings that bodies are read in. */
export const REQUEST_CODINGS = ['br', 'gzip'] as const;

/**
 * What a resource shows, as its tag names it: its version; or, where it also shows what changes without a new version, the
 * version and numbers that stand for that: `7.12.53`. A change is to a version (If-Match), a cache has a state.
 */
export type State = number | string;

/** Where a service says in which state what it answers is, when that is not its `version` alone. */
export const STATE = Symbol('state');

/** What may say in which {@link State} it is. */
export interface Stated {
  [STATE]?: State;
}

/**
 * The strong validator of a resource in a state; RFC 9110 §8.8.3. What is shown of one state differs by caller, by syntax
 * and by content coding, and so does its tag: `"7"`, `"7-staff"`, `"7-xml"`, `"7-staff-xml-br"`.
 */
export const etagOf = (state: State, view = ''): string => `"${String(state)}${view}"`;

/** The part of a tag that stands for what a request is shown: the caller's roles, and the syntax. */
export function viewOf(request: FastifyRequest): string {
  const { user } = request;
  const roles = user ? `-${[...user.roles].sort().join('.')}` : '';
  const syntax = syntaxOf(request) ?? 'json';
  return syntax === 'json' ? roles : `${roles}-${syntax}`;
}

/** The tag of the same in a content coding. */
export const codedEtag = (etag: string, coding: string): string => `${etag.slice(0, -1)}-${coding}"`;

/** The version that a tag of ours is of, whichever view of it; undefined for any other. */
export function versionIn(opaque: string): number | undefined {
  const [, version] = /^(\d{1,10})(?:\.\d{1,10})*(?:-[\w.-]+)?$/.exec(opaque) ?? [];
  return version === undefined ? undefined : Number(version);
}

const CODING = new RegExp(`-(?:${CODINGS.join('|')})$`);

/**
 * The tag under which a client has what is tagged `etag`, by `If-None-Match`: weak comparison, and in any content
 * coding, since that is not decided yet; RFC 9110 §13.1.2.
 * @returns undefined when it has another state or view, or nothing.
 */
export function etagKnownTo(header: string, etag: string): string | undefined {
  if (header.trim() === '*') return etag;
  const tags = Array.from(header.matchAll(/"[^"]*"/g), ([tag]) => tag);
  return tags.find((tag) => tag === etag || `${tag.slice(0, -1).replace(CODING, '')}"` === etag);
}
