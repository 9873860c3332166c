import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that two sides changed. */
export interface Merged {
  text: string;
  /** How many places both changed: they stand in the text with markers around them. */
  conflicts: number;
}

/**
 * Applies the changes between two texts to a third one, as `git merge` does: it is a three-way merge by `git merge-file`.
 * @param current the file as it is, with what people changed.
 * @param base what the generator wrote.
 * @param wanted what the generator would write now.
 */
export function merge(current: string, base: string, wanted: string): Merged {
  const folder = mkdtempSync(join(tmpdir(), 'stockroom-merge-'));
  try {
    const files = Object.entries({ current, base, wanted }).map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    });
    const labels = ['the file as it is', 'what was generated', 'what is generated now'].flatMap((label) => [
      '-L',
      label,
    ]);
    const { status, stdout, stderr, error } = spawnSync(
      'git',
      ['merge-file', '--stdout', '--quiet', ...labels, ...files],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    // its status is the number of conflicts, up to 127
    if (error || status === null || status > 127) throw new Error(`git merge-file failed: ${error?.message ?? stderr}`);
    return { text: stdout, conflicts: status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
