import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { logging } from '@angular-devkit/core';
import { UnsuccessfulWorkflowExecution } from '@angular-devkit/schematics';
import { NodeWorkflow } from '@angular-devkit/schematics/tools/index.js';
import { lastValueFrom } from 'rxjs';
import { FIELD_HELP } from './fields.js';
import { requireName } from './migration.js';
import { nameOf } from './names.js';
import { requireOwnOptions } from './npm-options.js';
import { Refusal } from './refusal.js';

const USAGE = `Usage: npm run generate feature <name> -- [options]
       npm run generate field <feature> -- [options]
       npm run generate remove <feature> -- [options]
       npm run generate migration <name> -- [options]

feature writes a feature: module, controller, service, entity, DTOs, permissions, errors, migration, tests.

  --field name:type:detail:flags   a field; as many as there are
  --singular name                  what one of them is called, where the plural does not tell: news, --singular news-item
  --owned                          each belongs to the user who creates it; so it is by default, without --read
  --read who                       owner, public, signed-in, or a permission like <name>:read; by default the owner, of
                                   what clients only read everybody
  --soft-delete                    what is deleted is kept, out of sight
  --read-only                      clients only read
  --no-list                        one by one only

field adds fields to a feature that was generated, with a migration. What is generated differently with them is merged into
its files, as git merges: what people changed in them stays.

  --field name:type:detail:flags   a field; as many as there are
  --existing name=value            what rows that are there have in a field that is required: rating=3, price=1999GBP,
                                   startsAt=2026-01-01T00:00:00Z, the id of one that a reference is to, series=random

  --conflicts                      where people changed the same lines, write git's conflict markers; else nothing is written

  --rename old=new                 instead: another name for a field that is there

remove takes a feature away: its files, its tests, its lines elsewhere; with a migration that drops its tables.

migration writes what the entities say and the database has not: the one of DATABASE_URL, which is migrated first, or
else one that the migrations make for this. What only the database has stays, and is reported.

  --drop table.column              a column that no entity has any more; as many as there are

All but migration take

  --no-documents                   leave openapi.json and docs/events.md as they are: after several commands, npm run openapi and
                                   npm run events draw them once

All take

  --dry-run                        show what would be written, and write nothing
  --help                           show this

${FIELD_HELP}
`;

const ROOT = join(import.meta.dirname, '..', '..');

/** What can be generated, and the options that go with it. */
const OPTIONS: Record<string, readonly string[]> = {
  feature: ['field', 'singular', 'owned', 'read', 'soft-delete', 'read-only', 'no-list', 'timestamp', 'no-documents'],
  field: ['field', 'existing', 'rename', 'conflicts', 'timestamp', 'no-documents'],
  remove: ['timestamp', 'no-documents'],
  migration: ['drop', 'timestamp'],
};

async function main(args: string[]): Promise<number> {
  try {
    requireOwnOptions(args, [...new Set([...Object.values(OPTIONS).flat(), 'dry-run', 'help'])], process.env);
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        field: { type: 'string', multiple: true },
        existing: { type: 'string', multiple: true },
        drop: { type: 'string', multiple: true },
        rename: { type: 'string' },
        singular: { type: 'string' },
        owned: { type: 'boolean' },
        read: { type: 'string' },
        'soft-delete': { type: 'boolean' },
        'read-only': { type: 'boolean' },
        'no-list': { type: 'boolean' },
        conflicts: { type: 'boolean' },
        timestamp: { type: 'string' },
        'dry-run': { type: 'boolean' },
        'no-documents': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const { help = false, 'dry-run': dryRun = false, ...options } = values;
    if (help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const [schematic = '', name, ...rest] = positionals;
    const known = OPTIONS[schematic];
    if (!known || name === undefined || rest.length > 0) {
      throw new Refusal(
        'Say what to generate: npm run generate feature <name>, field <feature>, remove <feature> or migration <name>; --help says more.',
      );
    }
    const misplaced = Object.keys(options).find((option) => !known.includes(option));
    if (misplaced !== undefined) throw new Refusal(`--${misplaced} does not go with ${schematic}; --help tells more.`);
    if (schematic === 'migration') return await drawMigration(name, options.drop ?? [], options.timestamp, dryRun);
    const { 'no-documents': isDrawnLater = false, ...given } = options;
    const named = new Map<string, unknown>(
      Object.entries(given).map(([option, value]) => [nameOf(option).camel, value]),
    );
    if (options.rename !== undefined && (options.field ?? options.existing)) {
      throw new Refusal('--rename goes alone: add fields by another command.');
    }
    const kind = options.rename === undefined ? schematic : 'rename';
    await generate(kind, Object.fromEntries(named.set('name', name)), dryRun);
    if (!dryRun && !isDrawnLater) drawDocuments();
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal) && !isMisuse(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

const isMisuse = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/** Runs a schematic of the collection; says each file. */
async function generate(schematic: string, options: object, dryRun: boolean): Promise<void> {
  const workflow = new NodeWorkflow(ROOT, { dryRun });
  workflow.reporter.subscribe((event) => {
    if (event.kind === 'create' || event.kind === 'update' || event.kind === 'delete')
      process.stdout.write(`${event.kind.toUpperCase()} ${event.path.replace(/^\//, '')}\n`);
  });
  const collection = join(ROOT, 'schematics/collection.json');
  const logger = new logging.Logger('generate');
  logger.subscribe(({ message, level }) => (level === 'info' ? process.stdout : process.stderr).write(`${message}\n`));
  await lastValueFrom(workflow.execute({ collection, schematic, options, allowPrivate: true, logger }), {
    defaultValue: undefined,
  }).catch((error: unknown) => {
    // what the workflow reports itself has been said already, file by file
    if (error instanceof UnsuccessfulWorkflowExecution) throw new Refusal('Nothing was written.');
    throw error;
  });
  if (dryRun) process.stdout.write('Nothing was written (--dry-run).\n');
}

/** Writes the migration that the database lacks; the exit code. @throws Refusal for a bad name, before anything is done. */
async function drawMigration(name: string, drop: string[], timestamp?: string, dryRun = false): Promise<number> {
  requireName(name);
  const command = join('dist', 'tools', 'schema', 'differences.command.js');
  const build = spawnSync(process.execPath, [join('scripts', 'build-if-stale.js')], { cwd: ROOT, stdio: 'inherit' });
  if (build.status !== 0) throw new Refusal('Entities and database can’t be compared: fix what is reported above.');
  const dropped = drop.flatMap((column) => ['--drop', column]);
  const compared = spawnSync(process.execPath, ['--disable-warning=DeprecationWarning', command, ...dropped], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (compared.status !== 0) throw new Refusal('Nothing was written: fix what is reported above.');
  const { up, down, databaseOnly } = JSON.parse(compared.stdout) as Record<'up' | 'down' | 'databaseOnly', string[]>;
  if (databaseOnly.length > 0) process.stdout.write(`in the database, in no entity: ${databaseOnly.join(', ')}\n`);
  if (up.length === 0) {
    process.stdout.write('The database has what the entities say: there is nothing to write.\n');
    return 0;
  }
  await generate('migration', { name, up, down, timestamp }, dryRun);
  const required = up.flatMap(
    (text) => /^ALTER TABLE (\w+) ADD COLUMN (\w+) (?!.* DEFAULT ).* NOT NULL/.exec(text)?.slice(1, 3).join('.') ?? [],
  );
  for (const column of required) {
    process.stderr.write(`${column} is NOT NULL: if there are rows, say in the migration what they have in it.\n`);
  }
  return 0;
}

/** What is drawn from the code and committed with it, by the script that draws it. */
const DRAWN = { openapi: 'openapi.json', events: 'docs/events.md' };

/** Draws again what is drawn from the code. @throws Refusal that says what is left to do. */
function drawDocuments(): void {
  for (const [script, path] of Object.entries(DRAWN)) {
    process.stdout.write(`Drawing ${path} …\n`);
    const { status } = spawnSync('npm', ['run', '--silent', script], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0)
      throw new Refusal(`All is written but ${path}: fix what is reported above, then npm run ${script}.`);
    process.stdout.write(`UPDATE ${path}\n`);
  }
}

process.exitCode = await main(process.argv.slice(2));
