import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/**
 * Where Nest's own lines about its start come from: one for each module and route, and of failures that are thrown to
 * to the code that starts it, to be reported there.
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

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Lets Nest, and every class that uses its `Logger`, write to the process's logger. */
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

  /**
   * The context comes last. What stands before it belongs to the message: to an object or an error its text, to a text the
   * stack of the error that it is about.
   */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const shown = START_CONTEXTS.has(context) ? 'debug' : level;
    const [second] = rest.length > 1 ? rest : [];
    const more = typeof second === 'string' ? second : undefined;
    const entry = typeof context === 'string' ? { context } : {};
    const texts: [string?] = more === undefined ? [] : [more];
    if (message instanceof Error) this.logger[shown]({ ...entry, err: message }, ...texts);
    else if (typeof message === 'object' && message !== null) this.logger[shown]({ ...entry, ...message }, ...texts);
    else this.logger[shown](more === undefined ? entry : { ...entry, stack: more }, String(message));
  }
}
