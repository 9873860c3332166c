import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'stockroom-work-';

/** How old a folder is that a killed process has left, in milliseconds: no work takes so long. */
const LEFT_AFTER = 24 * 3600 * 1000;

let removed: Promise<void> | undefined;

/** An empty folder on this machine, for work that is not one function. */
export interface WorkFolder {
  path: string;
  /** Removes it, with all that is in it. */
  remove: () => Promise<void>;
}

/** Makes a folder to work in. What killed processes have left is removed a day later, by the first work of another one. */
export async function openWorkFolder(): Promise<WorkFolder> {
  // eslint-disable-next-line stockroom/one-clock -- files have the time of the machine
  removed ??= removeLeft(Date.now() - LEFT_AFTER);
  await removed;
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Does `work` with an empty folder on this machine, which is gone with all that is in it when the work ends, or fails. */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await openWorkFolder();
  try {
    return await work(folder.path);
  } finally {
    await folder.remove();
  }
}

/** Removes the folders of work that was begun before a moment. One that somebody else removes meanwhile is as good. */
export async function removeLeft(before: number): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(tmpdir(), name);
    const { mtimeMs = Infinity } = (await stat(path).catch(() => undefined)) ?? {};
    if (mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
}
