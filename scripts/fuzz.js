// Asks every operation more often than the tests do: npm run fuzz -- --runs 1000 --seed 7
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run fuzz -- [options]

Sends random and hostile requests, drawn from the OpenAPI document, to every operation of a shop of its own.

  --runs N   requests for each operation (500)
  --seed N   the same seed sends the same requests (by default another one each time; it is printed)
  --help     show this
`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
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
