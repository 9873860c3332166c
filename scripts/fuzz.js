// Asks every operation more often than the tests do: npm run fuzz -- --runs 1000 --seed 7
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
process.stdout.write(`${values.runs} runs of each operation, seed ${values.seed}\n`);
const { status } = spawnSync(
  'npm',
  ['test', '--', '--config', 'jest.long.config.js', 'test/fuzz.test.ts', '--testTimeout=3600000'],
  {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, FUZZ_RUNS: values.runs, FUZZ_SEED: values.seed },
  },
);
process.exit(status ?? 1);
