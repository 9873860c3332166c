import type { DestinationStream } from 'pino';

const COLORS: Record<string, number> = { fatal: 31, error: 31, warn: 33, debug: 90, trace: 90 };
const paint = (text: string, color: number | undefined): string =>
  color === undefined ? text : `\u001B[${String(color)}m${text}\u001B[0m`;

/** Where each line of the log is written as text for a person: one line for a request, and an error with its stack. */
export function readable(terminal: { write(text: string): unknown }): DestinationStream {
  return {
    write: (line) => {
      terminal.write(`${textOf(line)}\n`);
    },
  };
}

/** A line of the log for a person: `14:02:11 GET /api/v1/products 200 12.3 ms`. */
export function textOf(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== 'object' || entry === null) return line.trimEnd();
  const { time, level, msg, err, context, requestId, ...more } = { ...NONE, ...entry };
  const at = time.slice(11, 19);
  if (msg === 'request' && 'status' in more) {
    const { method, route, status, milliseconds } = { ...NO_REQUEST, ...more };
    const color = Number(status) >= 500 ? COLORS.error : Number(status) >= 400 ? COLORS.warn : undefined;
    return `${at} ${method} ${route} ${paint(String(status), color)} ${String(milliseconds)} ms`;
  }
  const members = Object.entries(more).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const source = context === '' ? '' : `[${context}]`;
  const text = [at, paint(level, COLORS[level]), source, msg, ...members, requestId === '' ? '' : `(${requestId})`];
  return [text.filter((part) => part !== '').join(' '), stackOf(err)].filter((part) => part !== '').join('\n');
}

const NONE = { time: '', level: '', msg: '', err: undefined, context: '', requestId: '' };
const NO_REQUEST = { method: '', route: '(no route)', status: 0, milliseconds: 0 };

const stackOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : '';
