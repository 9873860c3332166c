import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { inWorkFolder, removeLeft } from './work-folder.js';

describe('a work folder', () => {
  it('is gone with all that is in it when the work ends, and when it fails', async () => {
    const folders: string[] = [];
    const work = async (folder: string): Promise<string> => {
      folders.push(folder);
      await writeFile(join(folder, 'file'), 'content');
      return 'done';
    };
    const fail = async (folder: string): Promise<never> => {
      await work(folder);
      throw new Error('the disk is full');
    };

    expect(await inWorkFolder(work)).toBe('done');
    await expect(inWorkFolder(fail)).rejects.toThrow('the disk is full');
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
    expect(new Set(folders).size).toBe(2);
  });

  it('that a killed process has left is removed once it is old, and no other one', async () => {
    const [old, fresh, strange] = [
      await mkdtemp(join(tmpdir(), 'stockroom-work-1-')),
      await mkdtemp(join(tmpdir(), 'stockroom-work-1-')),
      await mkdtemp(join(tmpdir(), 'stockroom-other-')),
    ];
    await writeFile(join(old, 'upload'), 'a part of a picture');
    for (const folder of [old, strange]) await utimes(folder, new Date(1000), new Date(1000));
    await removeLeft(2000);

    expect([old, fresh, strange].map((folder) => existsSync(folder))).toEqual([false, true, true]);
    await utimes(fresh, new Date(1000), new Date(1000));
    await removeLeft(2000);
    expect(existsSync(fresh)).toBe(false);
    await rm(strange, { recursive: true });
  });
});
