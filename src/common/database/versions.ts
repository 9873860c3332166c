import { AppError } from '../errors/app-error.js';
import { Outdated } from '../errors/errors.js';

/** The versions of a row that a change may be applied to; `*` is any. */
export type ExpectedVersions = readonly number[] | '*' | { readonly except: readonly number[] };

/** @throws AppError when the row is in another version than expected; it says in which. */
export function requireVersion(expected: ExpectedVersions, version: number): void {
  const error = versionError(expected, version);
  if (error) throw error;
}

/** What {@link requireVersion} throws; undefined when it throws nothing. */
export function versionError(expected: ExpectedVersions, version: number): AppError | undefined {
  if (isExpected(expected, version)) return undefined;
  return new AppError(Outdated, `The resource is not as you expect it: it is in version ${String(version)} now.`, {
    version,
  });
}

const isExpected = (expected: ExpectedVersions, version: number): boolean =>
  expected === '*' || ('except' in expected ? !expected.except.includes(version) : expected.includes(version));
