import { parseArgs } from 'node:util';
import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

const HELP = `Usage: npm run db:migrate

Applies the migrations that the database does not have yet. Safe to run on several machines at once: one does it,
the others wait. The database is the one of DATABASE_URL, else the embedded one in DATA_DIR. When SEARCH_LANGUAGE is
another one than before, all that is searched is indexed again.
`;

async function main(): Promise<void> {
  if (parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values.help) {
    process.stdout.write(HELP);
    return;
  }
  // only now, as in main.ts
  const { dataSourceOptions } = await import('../common/database/data-source.js');
  const { withAdvisoryLock, migrate } = await import('../common/database/migrate.js');
  const { requireDatabase } = await import('../common/database/requirements.js');
  const { useSearchLanguage } = await import('../common/database/search-language.js');
  const { StockroomDataSource } = await import('../common/database/transactions.js');
  const config = loadConfig();
  const dataSource = new StockroomDataSource(await dataSourceOptions(config));
  await withAdvisoryLock(config, async () => {
    await dataSource.initialize();
    await requireDatabase(dataSource);
    const applied = await migrate(dataSource);
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    if (await useSearchLanguage(dataSource, config.searchLanguage)) {
      process.stdout.write(`indexed the search in ${config.searchLanguage}\n`);
    } else if (applied.length === 0) process.stdout.write('The database is up to date.\n');
  }).finally(() => (dataSource.isInitialized ? dataSource.destroy() : undefined));
}

await runCommand(main);
