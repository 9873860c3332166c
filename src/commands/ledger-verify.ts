import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createApp } from '../app.js';
import { type Progress, startProgress } from '../common/cli/progress.js';
import { Config } from '../common/config/config.js';
import { StartError } from '../common/config/start-error.js';
import { ensureMigrated } from '../common/database/migrate.js';
import { LedgerVerificationService, type VerificationReport } from '../ledger/ledger.verification.service.js';

const HELP = `Usage: npm run ledger:verify -- [--head <signature>]

Replays the ledger, and reports what was changed past the constraints of its tables: hashes of the sealed chain, sums that
are not zero, missing rows, snapshots that differ, causes that were posted twice.

  --head    a signature that GET /api/v1/ledger/trial-balance gave before (head.signature): also reports when the chain was
            cut off or rewritten since
  --help    show this

It only reads, and the shop may run meanwhile, except on the embedded database, which belongs to one process. It reads every
transaction once.

Exit code: 0 when nothing is wrong; 1 when something is, or it could not be looked at.
`;

/** A statement may look through a whole table, in milliseconds. */
const STATEMENT_TIMEOUT = 10 * 60_000;

/** What to print, and whether nothing is wrong. */
export interface Result {
  text: string;
  isGood: boolean;
}

/**
 * Runs the command.
 * @param load reads the configuration, once the arguments are known to be right.
 * @param database where the data is, if not where the configuration says.
 */
export async function verifyLedger(args: string[], load: () => Config, database?: DataSourceOptions): Promise<Result> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { head: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) return { text: HELP, isGood: true };
  if (positionals.length > 0) throw new StartError('ledger:verify takes options only. --help shows them.');
  // lines of the log would stand among those of the report
  const quiet = { logLevel: 'silent', databaseStatementTimeout: STATEMENT_TIMEOUT } as const;
  const config = Object.assign(new Config(), load(), quiet);
  const app = await createApp(config, database);
  try {
    await ensureMigrated(config, app.get(DataSource));
    return await verifyIn(app, values.head);
  } finally {
    await app.close();
  }
}

/** Verifies the ledger of an application whose database is up to date. */
export async function verifyIn(app: INestApplicationContext, head?: string): Promise<Result> {
  let progress: Progress | undefined;
  try {
    const report = await app.get(LedgerVerificationService).verify({
      head,
      onStart: (total) => {
        progress = startProgress({ label: 'Verifying', unit: 'transactions', total });
      },
      onProgress: (done) => progress?.update(done),
    });
    return { text: textOf(report, head !== undefined), isGood: report.faultCount === 0 };
  } finally {
    progress?.stop();
  }
}

function textOf({ sealed, unsealed, hash, faultCount, faults }: VerificationReport, isCompared: boolean): string {
  const lines = [
    `${String(sealed)} transactions sealed, ${String(unsealed)} not yet.`,
    `Head: ${String(sealed)} ${hash}`,
    ...faults.map(({ sequence, detail }) =>
      sequence === undefined ? detail : `sequence ${String(sequence)}: ${detail}`,
    ),
    ...(faultCount > faults.length ? [`The first ${String(faults.length)} faults are shown.`] : []),
    faultCount > 0
      ? `${String(faultCount)} faults.`
      : `Nothing is wrong${isCompared ? ', and the signed head is in the chain' : ''}.`,
  ];
  return `${lines.join('\n')}\n`;
}
