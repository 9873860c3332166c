/** `traceparent` of W3C Trace Context: any version but `ff`; `00` has nothing behind its flags, later ones may have. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;

/** The id of the trace that a request belongs to; undefined when its `traceparent` is not valid (§3.2.2). */
export function traceIdOf(traceparent: string | string[]): string | undefined {
  const [, version, traceId, more] = TRACEPARENT.exec(String(traceparent)) ?? [];
  return version === '00' && more !== undefined ? undefined : traceId;
}
