import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.js';
import { runCommand } from '../../src/common/cli/run-command.js';
import { Config } from '../../src/common/config/config.js';
import { StartError } from '../../src/common/config/start-error.js';
import { dataSourceOptions } from '../../src/common/database/data-source.js';
import { EMPTY } from '../../src/common/database/embedded-postgres.js';
import { eventTypes } from '../../src/common/events/define-event.js';
import { EventRelay } from '../../src/common/events/event-relay.js';
import { describeEvents } from './describe-events.js';

const HELP = `Usage: npm run events -- [--check]

Writes the events that features announce, and who handles them, to docs/events.md. Needs no database and no port.

  --check   writes nothing; fails when docs/events.md is out of date
  --help    show this
`;

const FILE = join('docs', 'events.md');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const text = await drawPage();
  if (!values.check) await writeFile(FILE, text);
  else if ((await readFile(FILE, 'utf8').catch(() => '')) !== text) {
    throw new StartError(
      `${FILE} does not list the events of this version: run \`npm run events\`, and look at what changes.`,
    );
  }
}

/** Handlers are registered when modules are initialised; the database that they get has no rows, and ends with the process. */
async function drawPage(): Promise<string> {
  const config = Object.assign(new Config(), { logLevel: 'silent' });
  const app = await createApp(config, await dataSourceOptions(config, EMPTY));
  try {
    await app.get(DataSource).runMigrations();
    await app.init();
    return describeEvents(eventTypes().values(), app.get(EventRelay).consumers);
  } finally {
    await app.close();
  }
}

await runCommand(main);
