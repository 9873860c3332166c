// Installs what bench/ needs beyond the application's own packages, when it is missing or has changed.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const timeOf = (file) =>
  statSync(new URL(`../bench/${file}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (timeOf('node_modules/.package-lock.json') < timeOf('package-lock.json')) {
  const { status } = spawnSync('npm', ['ci', '--prefix', 'bench', '--no-progress'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
