// Builds when a source is newer than the last build, so that a later `npm start` needn't wait for the compiler.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs';

const INPUTS = ['src/**', 'tools/**', 'ormconfig.ts', 'tsconfig*.json', 'nest-cli.json', 'package-lock.json'];
const BUILT = 'dist/src/main.js';

const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = Math.max(...globSync(INPUTS).map((file) => statSync(file).mtimeMs));
if (newest > builtAt) {
  try {
    accessSync('.', constants.W_OK);
    if (existsSync('dist')) accessSync('dist', constants.W_OK);
  } catch {
    process.stderr.write(
      `The folder ${process.cwd()} can't be written, so nothing can be built there: make it writable.\n`,
    );
    process.exit(1);
  }
  process.stdout.write('Building …\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
