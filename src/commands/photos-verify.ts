import type { INestApplicationContext } from '@nestjs/common';
import { type PhotoCounts, PhotoVerificationService } from '../photos/photo-verification.service.js';
import type { Verification } from './verify.js';

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

/** `npm run photos:verify`. */
export const PHOTO_VERIFICATION: Verification = { help: HELP, verifyIn };

function summaryOf({ rows, files, faults }: PhotoCounts, isRepaired: boolean): string {
  const verified = `Verified ${String(rows)} files of photos, and ${String(files)} in the storage`;
  if (faults === 0) return `${verified}: no faults.\n`;
  return `${verified}: ${String(faults)} faults.${isRepaired ? '' : ' Run it with --repair to repair them.'}\n`;
}
