// Builds when a source is newer than the last build, so that a later `npm start` needn't wait for the compiler.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const INPUTS = ['src/**', 'ormconfig.ts', 'tsconfig*.json', 'nest-cli.json', 'package-lock.json'];
const BUILT = 'dist/src/main.js';

const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = Math.max(...globSync(INPUTS).map((file) => statSync(file).mtimeMs));
if (newest > builtAt) {
  process.stdout.write('Building …\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
