import { writeFileSync } from 'node:fs';
import { runCommand } from '../src/common/cli/run-command.js';
import { startProgress } from '../src/common/cli/progress.js';
import { type Database, openDatabase } from './database.js';
import { endure } from './endurance.js';
import { measureGrowth } from './growth.js';
import { measureLedger } from './ledger.js';
import { cleanUp, measure, type Row, serversOf, startLoader } from './measure.js';
import type { Operation } from './operation.js';
import { OPERATIONS, openWorld } from './operations.js';
import { isWhole, type Options, readOptions, USAGE } from './options.js';
import { seedPhoto } from './photos.js';
import { memoryOf, type Process, startTimes } from './processes.js';
import { profile } from './profile.js';
import {
  circumstances,
  enduranceTable,
  growthTable,
  inColumns,
  ledgerTable,
  operationsTable,
  processesTable,
  profileTable,
  publish,
  searchesTable,
  uploadsTable,
} from './report.js';
import { requireSameAnswers } from './same.js';
import { measureSearches } from './searches.js';
import { type Server, SERVERS, startServer } from './servers.js';
import { measureUploads } from './uploads.js';

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else if (options.growth) await growth(options);
  else if (options.searches) await showSearches(options);
  else if (options.ledger) await onDatabase(options, showLedger);
  else if (options.uploads) await onDatabase(options, showUploads);
  else if (options.minutes > 0) await onDatabase(options, showEndurance);
  else await onDatabase(options, options.profile ? showProfile : compare);
});

/** Whether the photo is asked for: no other operation does so. */
function needsPhoto({ operations, ledger, uploads }: Options): boolean {
  return operations.includes('photo-thumb') && !ledger && !uploads;
}

async function onDatabase(
  options: Options,
  work: (options: Options, database: Database) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(options.database, options.products, options.keep);
  try {
    if (needsPhoto(options)) await seedPhoto(database);
    await work(options, database);
  } finally {
    await database.close();
  }
}

/** Measures the three servers, side by side. */
async function compare(options: Options, database: Database): Promise<void> {
  const whole = isWhole(options);
  const starts = whole || options.smoke ? await startTimes(database, options.rounds) : undefined;
  const servers: Server[] = [];
  try {
    for (const name of SERVERS) servers.push(await startServer(name, database.url, options));
    const idle = await memoryOf(servers);
    const rows = await measureAll(options, servers, database);
    const afterLoad = await memoryOf(servers);
    const processes: Process[] = SERVERS.map((server, index) => ({
      server,
      start: starts?.[server] ?? servers[index]?.startTime ?? NaN,
      idle: idle[index] ?? NaN,
      afterLoad: afterLoad[index] ?? NaN,
    }));
    const tables = [operationsTable(rows), processesTable(processes)];
    process.stdout.write(tables.map(inColumns).join('\n'));
    writeJson(options, { rows, processes });
    if (whole) {
      const said = circumstances(database.version, `${options.products.toLocaleString('en-GB')} products`);
      publish('operations', said, tables);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function measureAll(options: Options, servers: Server[], database: Database): Promise<Row[]> {
  const { operations, rounds, duration } = options;
  // a kept database may have what was still under way when the run before ended
  for (const operation of Object.values<Operation>(OPERATIONS)) await cleanUp(operation, database);
  const world = await openWorld(servers[0]?.url ?? '', database);
  for (const name of operations) {
    const operation: Operation = OPERATIONS[name];
    await requireSameAnswers(serversOf(operation, servers), name, operation, world, database);
  }

  const loader = startLoader();
  const measured = operations.map((name) => serversOf(OPERATIONS[name], servers).length);
  const total = measured.reduce((sum, count) => sum + count, 0) * (rounds + 1);
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

async function growth(options: Options): Promise<void> {
  const { grown, postgresql } = await measureGrowth(options);
  const table = growthTable(grown);
  process.stdout.write(inColumns(table));
  writeJson(options, { growth: grown });
  if (!options.smoke) publish('growth', circumstances(postgresql, 'databases of three sizes'), [table]);
}

async function showSearches(options: Options): Promise<void> {
  const { searched, postgresql } = await measureSearches(options);
  const table = searchesTable(searched);
  process.stdout.write(inColumns(table));
  writeJson(options, { searches: searched.map(({ search, latencies }) => ({ search, latencies: [...latencies] })) });
  if (!options.smoke) publish('searches', circumstances(postgresql, 'databases of three sizes'), [table]);
}

async function showProfile(options: Options, database: Database): Promise<void> {
  for (const [name, frames] of await profile(options, database)) {
    process.stdout.write(`\n${name}\n${inColumns(profileTable(frames))}`);
  }
}

async function showLedger(options: Options, database: Database): Promise<void> {
  const costs = await measureLedger(options, database);
  process.stdout.write(inColumns(ledgerTable(costs)));
  writeJson(options, { ledger: costs });
}

async function showUploads(options: Options, database: Database): Promise<void> {
  const costs = await measureUploads(options, database);
  process.stdout.write(inColumns(uploadsTable(costs)));
  writeJson(options, { uploads: costs });
}

async function showEndurance(options: Options, database: Database): Promise<void> {
  const memory = await endure(options, database);
  const table = enduranceTable(memory);
  process.stdout.write(inColumns(table));
  writeJson(options, { memory });
  if (isWhole(options)) {
    publish('endurance', circumstances(database.version, `${options.products.toLocaleString('en-GB')} products`), [
      table,
    ]);
  }
}

function writeJson({ json }: Options, figures: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
}
