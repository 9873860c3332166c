import { describe, expect, it } from '@jest/globals';
import { traceIdOf } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('traceIdOf (W3C Trace Context §3.2)', () => {
  it.each([
    ['version 00', `00-${TRACE}-00f067aa0ba902b7-01`],
    ['a later version, which may have more behind', `cc-${TRACE}-00f067aa0ba902b7-01-what-the-future-brings`],
  ])('reads the id of the trace from %s', (_, traceparent) => {
    expect(traceIdOf(traceparent)).toBe(TRACE);
  });

  it.each([
    ['the version ff', `ff-${TRACE}-00f067aa0ba902b7-01`],
    ['more behind version 00', `00-${TRACE}-00f067aa0ba902b7-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`],
    ['no flags', `00-${TRACE}-00f067aa0ba902b7`],
    ['a line of its own for the log', `00-${TRACE}-00f067aa0ba902b7-01\n{}`],
  ])('ignores %s', (_, traceparent) => {
    expect(traceIdOf(traceparent)).toBeUndefined();
  });
});
