import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runCommand } from '../../src/common/cli/run-command.js';
import { Config } from '../../src/common/config/config.js';
import { loadConfig } from '../../src/common/config/load-config.js';
import { dataSourceOptions } from '../../src/common/database/data-source.js';
import { EMPTY } from '../../src/common/database/embedded-postgres.js';
import { withAdvisoryLock, migrate } from '../../src/common/database/migrate.js';
import { StockroomDataSource } from '../../src/common/database/transactions.js';
import { type DtoClass, narrowChecks } from './checks.js';
import { differencesOf } from './differences.js';

const HELP = `Usage: node dist/tools/schema/differences.command.js [--drop table.column|table]…

Says, as JSON, what the entities have and the database lacks once it is migrated: what \`npm run generate migration\`
writes. The database is the one of DATABASE_URL, which is migrated, else one that is made for this and forgotten.
`;

/** The classes of what comes in, of all features: by the names of their files, as the data source finds entities. */
async function dtoClasses(): Promise<DtoClass[]> {
  const folder = join(import.meta.dirname, '..', '..', 'src');
  const classes: DtoClass[] = [];
  const files = await readdir(folder, { recursive: true });
  for (const path of files.filter((file) => /[\\/]dto[\\/][^\\/]+\.dto\.js$/.test(file))) {
    const module: unknown = await import(pathToFileURL(join(folder, path)).href);
    classes.push(...Object.values(module ?? {}).filter((one): one is DtoClass => typeof one === 'function'));
  }
  return classes;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { drop: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const config = loadConfig();
  // one connection has what is only this session's
  const single = Object.assign(new Config(), config, { databasePoolSize: 1 });
  const dataSource = new StockroomDataSource(await dataSourceOptions(single, EMPTY));
  await withAdvisoryLock(config, async () => {
    await dataSource.initialize();
    await migrate(dataSource);
    const differences = await differencesOf(dataSource, values.drop);
    const narrow = await narrowChecks(dataSource, await dtoClasses());
    for (const { said, up, down } of narrow) {
      process.stderr.write(`${said}\n`);
      differences.up.push(up);
      differences.down.unshift(down);
    }
    process.stdout.write(`${JSON.stringify(differences)}\n`);
  }).finally(() => (dataSource.isInitialized ? dataSource.destroy() : undefined));
}

await runCommand(main);
