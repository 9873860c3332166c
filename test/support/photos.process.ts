import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.js';
import { verifyIn } from '../../src/commands/photos-verify.js';
import { Retention } from '../../src/common/background/retention.js';
import { FileStorage } from '../../src/common/files/file-storage.js';
import { JobPoll } from '../../src/common/jobs/job-poll.js';
import { Clock } from '../../src/common/time/clock.js';
import { nameOf, PhotoFilesService } from '../../src/photos/photo-files.service.js';
import { type FileRow, PhotosRepository } from '../../src/photos/photos.repository.js';
import { PhotosService } from '../../src/photos/photos.service.js';
import { ProductsPhotosService } from '../../src/products/products.photos.service.js';
import { openSession, settled } from './accounts.js';
import { testConfig } from './database.js';

// A process of its own that takes photos, and kills itself at the moment of DIE_AT. It prints its address, and a token of
// the user STAFF. When it gets a number of seconds as a message, it does what is due so much later, and answers with a PhotosLeft.

/** What the database knows of photos, and what their comparison with the storage prints. */
export interface PhotosLeft {
  photos: { id: string; state: string; isComplete: boolean }[];
  files: { name: string; state: string }[];
  verified: string;
}

const env = (name: string): string => process.env[name] ?? '';

const at = (moment: string): void => {
  if (moment === env('DIE_AT')) process.kill(process.pid, 'SIGKILL');
};

/** Has a method come to a moment before its work, and to one after it. */
function around<K extends string>(
  target: Record<K, (...values: never[]) => Promise<unknown>>,
  method: K,
  { before, after }: { before?: () => string; after?: () => string },
): void {
  const original = target[method].bind(target) as (...values: unknown[]) => Promise<unknown>;
  const dying = async (...values: unknown[]): Promise<unknown> => {
    if (before) at(before());
    const result = await original(...values);
    if (after) at(after());
    return result;
  };
  Object.assign(target, { [method]: dying });
}

const app = await createApp(
  testConfig({
    databaseUrl: env('DATABASE_URL') || undefined,
    dataDir: env('DATA_DIR'),
    filesFolder: env('FILES_FOLDER'),
  }),
);
let later = 0;
Object.assign(app.get(Clock), { now: () => new Date(Date.now() + later * 1000) });

const [photos, files, rows, storage] = [
  app.get(PhotosService),
  app.get(PhotoFilesService),
  app.get(PhotosRepository),
  app.get(FileStorage),
];
/** What is being stored: at first what an upload waits for. */
let what = 'photo';
around(files, 'storeNew', { after: () => 'photo stored' });
around(files, 'storeMore', { before: () => (what = 'variants'), after: () => 'variants stored' });
around(storage, 'put', { before: () => `${what} pending` });
// only with the embedded engine do others rename files
const { rename } = promises;
promises.rename = async (from, to) => {
  if (String(from).includes('.incoming')) at(`${what} copied`);
  await rename(from, to);
  if (String(from).includes('.incoming')) at(`${what} renamed`);
};
syncBuiltinESMExports();
around(rows, 'markStored', { before: () => `${what} written` });
around(photos, 'publish', { after: () => 'photo publishing' });
around(photos, 'receive', { after: () => 'photo published' });

around(rows, 'delete', { after: () => 'removing' });
around(app.get(ProductsPhotosService), 'remove', { after: () => 'removed' });
around(storage, 'remove', { before: () => 'unlinking', after: () => 'unlinked' });
around(rows, 'deleteFileRows', { before: () => 'all unlinked', after: () => 'rows gone' });

async function doWhatIsDue(): Promise<PhotosLeft> {
  await app.get(JobPoll).stop();
  await settled({ app });
  await app.get(Retention).sweep();
  await settled({ app });
  const database = app.get(DataSource);
  const known = await database.query<(FileRow & { state: string })[]>(
    'SELECT id, sha256, media_type AS "mediaType", state FROM photo_files',
  );
  const printed: string[] = [];
  await verifyIn(app, false, (text) => printed.push(text));
  return {
    photos: await database.query('SELECT id, state, is_complete AS "isComplete" FROM photos'),
    files: known.map((file) => ({ name: nameOf(file), state: file.state })),
    verified: printed.join(''),
  };
}

process.on('message', (seconds: number) => {
  later = seconds;
  void doWhatIsDue().then((left) => process.send?.(left));
});

await app.listen(0, '127.0.0.1');
const { accessToken } = await openSession({ app }, env('STAFF'));
process.stdout.write(`${await app.getUrl()} ${accessToken}\n`);
