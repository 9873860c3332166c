import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ShopProcess } from '../support/shop-process.js';

const run = promisify(execFile);

describe('README.md', () => {
  let readme: string;
  let folder: string;
  let shop: ShopProcess;
  beforeAll(async () => {
    readme = await readFile('README.md', 'utf8');
    folder = await mkdtemp(join(tmpdir(), 'stockroom-readme-'));
    shop = await ShopProcess.start({ DATABASE_URL: '', DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'warn' });
  });
  afterAll(async () => {
    await shop.kill();
    await rm(folder, { recursive: true });
  });

  it('has a tour whose commands do what it says, as they stand', async () => {
    const commands = block('sh tour').replaceAll('http://localhost:3000', shop.url);
    const { stdout, stderr } = await run('bash', ['--norc', '-euo', 'pipefail', '-c', commands], { cwd: folder });

    expect(stderr).toBe('');
    // pretty-printed by jq or on a line each
    const answers = stdout
      .trim()
      .split(/\n(?=\{)/)
      .map((answer) => JSON.parse(answer) as Record<string, unknown>);
    expect(answers).toEqual([
      expect.objectContaining({ page: expect.objectContaining({ limit: 2 }) as object }),
      expect.objectContaining({ facets: expect.any(Object) as object }),
      expect.objectContaining({ name: 'Brass Lantern', description: 'Of solid brass.', version: 2 }),
      expect.objectContaining({ status: 412 }),
      expect.objectContaining({ delta: 12, reason: 'First delivery' }),
      expect.objectContaining({ counts: expect.objectContaining({ created: 1 }) as object }),
    ]);
  });

  it('has a typed client that compiles as it stands', async () => {
    const client = join(folder, 'client');
    await mkdir(client);
    await writeFile(join(client, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(client, 'client.ts'), block('ts client'));
    // what `npm i` and `npx openapi-typescript` of the page make
    await symlink(resolve('node_modules'), join(client, 'node_modules'));
    const bin = (name: string): string => resolve('node_modules/.bin', name);
    await run(bin('openapi-typescript'), [`${shop.url}/openapi.json`, '-o', join(client, 'api.d.ts')]);

    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--types', 'node', 'client.ts'];
    await expect(run(bin('tsc'), options, { cwd: client })).resolves.toMatchObject({ stdout: '' });
  });

  /** The commands or code of the page that are marked by an info string. */
  function block(mark: string): string {
    const [, text] = new RegExp(`^\`\`\`${mark}\\n([^]*?)^\`\`\`$`, 'm').exec(readme) ?? [];
    if (!text) throw new Error(`README.md has no block \`${mark}\``);
    return text;
  }
});
