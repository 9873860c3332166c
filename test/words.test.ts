import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

describe('words that many engineers have to look up', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-words-'));
    await run('git', 'init', '--quiet');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (command: string, ...args: string[]): Promise<{ code: unknown; output: string }> =>
    new Promise((done) => {
      execFile(command, args, { cwd: folder }, (error, output) => {
        done({ code: error?.code ?? 0, output });
      });
    });
  const check = (): Promise<{ code: unknown; output: string }> => run(process.execPath, resolve('scripts/words.js'));

  it.each([
    ['a.ts', 'const columns = 1;\nconst columnsBesides = 2;\n', 'a.ts:2: "besides": write also'],
    ['b.md', 'Stock in the House.\n', 'b.md:1: "in the house": write on hand'],
    ['e.md', 'It was mended.\n', 'e.md:1: "mended": write fix'],
    ['c.json', '{ "summary": "Whoever signs in." }\n', 'c.json:1: "whoever": write a user who'],
  ])('are refused in %s, with the line and other words', async (file, text, said) => {
    await writeFile(join(folder, file), text);
    const { code, output } = await check();
    await rm(join(folder, file));

    expect([code, output.split('\n')]).toEqual([1, [expect.stringContaining(said), '']]);
  });

  it('are no part of longer words', async () => {
    await writeFile(join(folder, 'd.ts'), 'const amended = "retold renewal";\n');

    expect(await check()).toEqual({ code: 0, output: '' });
  });
});
