import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/config.js';

/** Members that are never logged, at the top of an entry and one level below. */
const SECRET_KEYS = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'secret',
];

/** What is cut out of any text: JSON Web Tokens and bearer credentials, and digits that look like a card number. */
const SECRET_PATTERNS = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|Bearer [\w.~+/-]{16,}=*|(?<=[\s"])(?:\d[ -]?){15}\d\b/g;

/** Lines are written when there are so many bytes of them, and at the latest after so many milliseconds: a write takes as long as the rest. */
const BUFFER = { sync: false, minLength: 4096, periodicFlush: 200 };

/** The process's logger: a JSON object a line on standard output, secrets cut out by key and by pattern. */
export function createLogger(config: Config, destination: DestinationStream = pino.destination(BUFFER)): Logger {
  const options: LoggerOptions = {
    level: config.logLevel,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.headers.${key}`]), censor: '[redacted]' },
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: (line) => line.replace(SECRET_PATTERNS, '[redacted]') },
  };
  return pino(options, destination);
}

/** For lines whose members are known to be no secrets: looking for those by key takes longer than everything else. */
export const unredacted = (logger: Logger): Logger => logger.child({}, { redact: [] });

/**
 * Where Nest's own lines about its start come from: one for each module and route, and of failures that are thrown to
 * whoever starts it as well, to be told there.
 */
const START_CONTEXTS = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'TypeOrmModule',
  'ExceptionHandler',
]);

/** Lets Nest, and whoever uses its `Logger`, write to the process's logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest hands the context over as the last argument, and a stack before it. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const shown = START_CONTEXTS.has(context) ? 'debug' : level;
    const stack = rest.length > 1 ? rest[0] : undefined;
    const entry = { ...(typeof context === 'string' && { context }), ...(typeof stack === 'string' && { stack }) };
    if (message instanceof Error) this.logger[shown]({ ...entry, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.logger[shown]({ ...entry, ...message });
    else this.logger[shown](entry, String(message));
  }
}
