import { writeFileSync } from 'node:fs';
import { runCommand } from '../src/common/cli/run-command.js';
import { startProgress } from '../src/common/cli/progress.js';
import { type Database, openDatabase } from './database.js';
import { measure, type Row, startLoader } from './measure.js';
import { type Operation, OPERATIONS, openWorld } from './operations.js';
import { type Options, readOptions, USAGE } from './options.js';
import { table } from './report.js';
import { requireSameAnswers } from './same.js';
import { type Server, SERVERS, startServer } from './servers.js';

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const database = await openDatabase(options.database, options.products, options.keep);
  try {
    await compare(options, database);
  } finally {
    await database.close();
  }
});

/** Measures the three servers, side by side. */
async function compare(options: Options, database: Database): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const name of SERVERS) servers.push(await startServer(name, database.url));
    const rows = await measureAll(options, servers, database);
    process.stdout.write(`${table(rows)}\n`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ rows }, null, 2)}\n`);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function measureAll(options: Options, servers: Server[], database: Database): Promise<Row[]> {
  const { operations, rounds, duration } = options;
  const world = await openWorld(servers[0]?.url ?? '', database);
  for (const name of operations) await requireSameAnswers(servers, name, OPERATIONS[name], world);

  const loader = startLoader();
  const total = operations.length * servers.length * (rounds + 1);
  const progress = startProgress({ label: 'Measuring', total, unit: 'runs' });
  let done = 0;
  const onRun = (): void => {
    progress.update(++done);
  };
  try {
    const rows: Row[] = [];
    for (const name of operations) {
      const operation: Operation = OPERATIONS[name];
      rows.push(await measure({ name, operation, servers, world, database, loader, rounds, duration, onRun }));
    }
    return rows;
  } finally {
    progress.stop();
    loader.stop();
  }
}
