/** `traceparent` of W3C Trace Context: any version but `ff`; `00` has nothing behind its flags, later ones may have. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;

/** The longest that is looked at, in characters: version `00` has 55. */
const LONGEST = 512;

/** The id of the trace that a request belongs to; undefined when its `traceparent` is not valid (§3.2.2). */
export function traceIdOf(traceparent: string | string[]): string | undefined {
  const sent = String(traceparent);
  if (sent.length > LONGEST) return undefined;
  const [, version, traceId, more] = TRACEPARENT.exec(sent) ?? [];
  return version === '00' && more !== undefined ? undefined : traceId;
}
