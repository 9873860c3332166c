import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../../src/common/cli/run-command.js';
import { StartError } from '../../src/common/config/start-error.js';
import { TRANSITIONS } from '../../src/orders/orders.machine.js';
import { describeStates } from './describe-states.js';

const HELP = `Usage: npm run order-states -- [--check]

Draws what can happen to an order to docs/orders.md. Needs no database and no port.

  --check   writes nothing; fails when docs/orders.md is out of date
  --help    show this
`;

const FILE = join('docs', 'orders.md');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const text = describeStates(TRANSITIONS);
  if (!values.check) await writeFile(FILE, text);
  else if ((await readFile(FILE, 'utf8').catch(() => '')) !== text) {
    throw new StartError(
      `${FILE} does not show the states of this version: run \`npm run order-states\`, and look at what changes.`,
    );
  }
}

await runCommand(main);
