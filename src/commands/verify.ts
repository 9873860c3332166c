import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { pino } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createApp } from '../app.js';
import type { Config } from '../common/config/config.js';
import { ensureMigrated } from '../common/database/migrate.js';
import { createLogger } from '../common/logging/logger.js';

/** A command that compares what belongs together, and repairs what differs when `--repair` asks for it. */
export interface Verification {
  help: string;
  /** Verifies an application whose database is up to date. @returns the exit code. */
  verifyIn: (app: INestApplicationContext, isRepaired: boolean, print: (text: string) => void) => Promise<number>;
}

/** What the arguments ask for; undefined when they ask for help. */
export function readOptions(args: string[]): { repair: boolean } | undefined {
  const { values } = parseArgs({
    args,
    options: { repair: { type: 'boolean', default: false }, help: { type: 'boolean', default: false, short: 'h' } },
  });
  return values.help ? undefined : { repair: values.repair };
}

/**
 * Runs such a command.
 * @param load reads the configuration, once the arguments are known to be right.
 * @param print gets what is to stand on standard output.
 * @param database where the data is, if not where the configuration says.
 * @returns the exit code.
 */
export async function runVerification(
  { help, verifyIn }: Verification,
  args: string[],
  load: () => Config,
  print: (text: string) => void,
  database?: DataSourceOptions,
): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    print(help);
    return 0;
  }
  const config = load();
  // the log goes to standard error, so that it does not stand among the lines of the report
  const app = await createApp(config, database, [], createLogger(config, pino.destination({ dest: 2, sync: true })));
  try {
    await ensureMigrated(config, app.get(DataSource));
    return await verifyIn(app, options.repair, print);
  } finally {
    await app.close();
  }
}
