import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { pino } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createApp } from '../app.js';
import type { Config } from '../common/config/config.js';
import { ensureMigrated } from '../common/database/migrate.js';
import { createLogger } from '../common/logging/logger.js';
import { type PhotoCounts, PhotoVerificationService } from '../photos/photo-verification.service.js';

const HELP = `Usage: npm run photos:verify -- [--repair]

Compares the files of photos with the storage (FILES_FOLDER, or S3_BUCKET), and names each fault:

- missing: a photo needs the file, and it is not there;
- damaged: it is there with another content;
- untracked: it is there for more than a day, and no photo needs it.

  --repair   has the shop make missing and damaged files again; a photo that has lost its original is marked as unavailable.
             Untracked files are removed: make sure first that the database is not an old backup, whose rows do not know newer files.
  --help     show this

The database must be up to date (npm run db:migrate). The shop may run meanwhile, except on the embedded database, which
belongs to one process. Every file is read, so it takes as long as that does.

Exit code: 0 when there is no fault, or all were repaired; 1 when there is one left, or a photo is unavailable now.
`;

/** What the arguments ask for; undefined when they ask for help. */
export function readOptions(args: string[]): { repair: boolean } | undefined {
  const { values } = parseArgs({
    args,
    options: { repair: { type: 'boolean', default: false }, help: { type: 'boolean', default: false, short: 'h' } },
  });
  return values.help ? undefined : { repair: values.repair };
}

/**
 * Runs the command.
 * @param load reads the configuration, once the arguments are known to be right.
 * @param print gets what is to stand on standard output.
 * @param database where the data is, if not where the configuration says.
 * @returns the exit code.
 */
export async function verifyPhotos(
  args: string[],
  load: () => Config,
  print: (text: string) => void,
  database?: DataSourceOptions,
): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    print(HELP);
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

/** Verifies the photos in an application whose database is up to date. @returns the exit code. */
export async function verifyIn(
  app: INestApplicationContext,
  isRepaired: boolean,
  print: (text: string) => void,
): Promise<number> {
  let left = 0;
  const { counts } = await app.get(PhotoVerificationService).verify({
    isRepaired,
    report: ({ kind, name, repair }) => {
      if (repair === undefined || repair === 'photo unavailable') left++;
      print(`${name}: ${kind}${repair === undefined ? '' : `, ${repair}`}\n`);
    },
  });
  print(summaryOf(counts, isRepaired));
  return left === 0 ? 0 : 1;
}

function summaryOf({ rows, files, faults }: PhotoCounts, isRepaired: boolean): string {
  const verified = `Verified ${String(rows)} files of photos, and ${String(files)} in the storage`;
  if (faults === 0) return `${verified}: no faults.\n`;
  return `${verified}: ${String(faults)} faults.${isRepaired ? '' : ' Run it with --repair to repair them.'}\n`;
}
