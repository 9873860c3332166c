import { parseArgs } from 'node:util';
import { runCommand } from '../cli/run-command.js';
import { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { dataSourceOptions } from './data-source.js';
import { differencesOf } from './differences.js';
import { EMPTY } from './embedded-postgres.js';
import { exclusively, migrate } from './migrate.js';
import { StockroomDataSource } from './transactions.js';

const HELP = `Usage: node dist/src/common/database/differences.command.js [--drop table.column]…

Says, as JSON, what the entities have and the database lacks once it is migrated: what \`npm run generate migration\`
writes. The database is the one of DATABASE_URL, which is migrated, else one that is made for this and forgotten.
`;

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
  await exclusively(config, async () => {
    await dataSource.initialize();
    await migrate(dataSource);
    process.stdout.write(`${JSON.stringify(await differencesOf(dataSource, values.drop))}\n`);
  }).finally(() => (dataSource.isInitialized ? dataSource.destroy() : undefined));
}

await runCommand(main);
