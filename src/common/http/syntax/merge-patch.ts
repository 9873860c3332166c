/**
 * Applies a JSON Merge Patch to an object of plain values: null deletes a member, anything else replaces it; RFC 7396 §2.
 * @returns a new object; the arguments stay as they are.
 */
export function mergePatch<V>(
  target: Readonly<Record<string, V>>,
  patch: Readonly<Record<string, V | null>>,
): Record<string, V> {
  const merged = new Map(Object.entries(target));
  for (const [member, value] of Object.entries(patch)) {
    if (value === null) merged.delete(member);
    else merged.set(member, value);
  }
  return Object.fromEntries(merged);
}
