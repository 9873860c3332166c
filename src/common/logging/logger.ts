import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/config.js';
import { requestFields } from '../context/request-context.js';
import { messageOf, serializeError } from './error-serializer.js';
import { readable } from './readable-log.js';
import { redact, SECRET_PATTERNS } from './redaction.js';

export { NestLogger } from './nest-logger.js';

/** Lines are written when there are so many bytes of them, and at the latest after so many milliseconds: a write takes as long as the rest. */
const BUFFER = { sync: false, minLength: 4096, periodicFlush: 200 };

/**
 * The process's logger: a JSON object a line on standard output, secrets cut out by key and by pattern, with the id of the
 * request that a line belongs to. For a person at a terminal, in development, a line is text.
 */
export function createLogger(config: Config, destination: DestinationStream = standardOutput(config)): Logger {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: requestFields,
    formatters: { level: (label) => ({ level: label }), log: redact },
    serializers: { err: serializeError, error: serializeError },
    hooks: {
      // pino would take the message of an error as it is
      logMethod(args, method) {
        const error = errorIn(args[0]);
        if (error && args.length === 1) method.call(this, args[0], messageOf(error));
        else method.apply(this, args);
      },
      streamWrite: (line) => line.replace(SECRET_PATTERNS, '[redacted]'),
    },
  };
  return pino(options, destination);
}

/** The error that a line is about. */
function errorIn(entry: unknown): Error | undefined {
  if (entry instanceof Error) return entry;
  return typeof entry === 'object' && entry !== null && 'err' in entry && entry.err instanceof Error
    ? entry.err
    : undefined;
}

function standardOutput({ nodeEnv }: Config): DestinationStream {
  return nodeEnv === 'development' && process.stdout.isTTY ? readable(process.stdout) : pino.destination(BUFFER);
}

/** For lines whose members are known to be no secrets: looking for those by key takes longer than everything else. */
export const unredacted = (logger: Logger): Logger =>
  logger.child({}, { formatters: { level: (label) => ({ level: label }), log: (entry) => entry } });
