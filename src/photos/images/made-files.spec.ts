import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ImageFile } from './image-files.js';
import { ImageFailure } from './image-failures.js';
import { describeFile } from './made-files.js';

describe('describeFile', () => {
  const FILE: ImageFile = { variant: 'thumb', mediaType: 'image/jpeg', width: 2, height: 1 };
  const JPEG = Buffer.from('\xff\xd8\xff\xe0', 'latin1');
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'made-'));
    path = join(folder, 'thumb.jpg');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives its size and its digest', async () => {
    await writeFile(path, JPEG);

    expect(await describeFile(FILE, path)).toEqual({
      ...FILE,
      path,
      size: 4,
      // printf '\xff\xd8\xff\xe0' | sha256sum
      sha256: 'ba4f25bf16ba4be6bc7d3276fafeb67f9eb3c5df042bc3a405e1af15b921eed7',
    });
  });

  it('does not take a file of another type', async () => {
    await writeFile(path, '<html>');

    await expect(describeFile(FILE, path)).rejects.toThrow(ImageFailure);
  });

  it('does not take an empty file', async () => {
    await writeFile(path, '');

    await expect(describeFile(FILE, path)).rejects.toThrow(ImageFailure);
  });

  it('does not follow a link', async () => {
    await writeFile(join(folder, 'other'), JPEG);
    await symlink(join(folder, 'other'), path);

    await expect(describeFile(FILE, path)).rejects.toThrow(ImageFailure);
  });

  it('does not read a file that is too large', async () => {
    await writeFile(path, JPEG);
    await truncate(path, 30_000_000);

    await expect(describeFile(FILE, path)).rejects.toThrow(ImageFailure);
  });
});
