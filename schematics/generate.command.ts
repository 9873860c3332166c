import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NodeWorkflow } from '@angular-devkit/schematics/tools/index.js';
import { lastValueFrom } from 'rxjs';
import { FIELD_HELP } from './fields.js';
import { Refusal } from './refusal.js';

const USAGE = `Usage: npm run generate feature <name> -- [options]

Writes a feature: module, controller, service, entity, DTOs, permissions, problems, migration, tests.

  --field name:type:detail:flags   a field; as many as there are
  --owned                          each belongs to the user who makes it
  --soft-delete                    what is deleted is kept, out of sight
  --read-only                      clients only read
  --no-list                        one by one only
  --dry-run                        show what would be written, and write nothing
  --help                           show this

${FIELD_HELP}
`;

const ROOT = join(import.meta.dirname, '..', '..');

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        field: { type: 'string', multiple: true },
        owned: { type: 'boolean' },
        'soft-delete': { type: 'boolean' },
        'read-only': { type: 'boolean' },
        'no-list': { type: 'boolean' },
        timestamp: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const [schematic, name, ...rest] = positionals;
    if (schematic !== 'feature' || name === undefined || rest.length > 0) {
      throw new Refusal('Say what to generate: npm run generate feature <name>; --help tells more.');
    }
    const { field, owned, timestamp, 'soft-delete': softDelete, 'read-only': readOnly, 'no-list': noList } = values;
    await generate(schematic, { name, field, owned, softDelete, readOnly, noList, timestamp }, values['dry-run']);
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
    if (event.kind === 'create' || event.kind === 'update')
      process.stdout.write(`${event.kind.toUpperCase()} ${event.path.replace(/^\//, '')}\n`);
  });
  const collection = join(ROOT, 'schematics/collection.json');
  await lastValueFrom(workflow.execute({ collection, schematic, options, allowPrivate: true }), {
    defaultValue: undefined,
  });
  if (dryRun) process.stdout.write('Nothing was written (--dry-run).\n');
  else drawDocument();
}

/** The document is drawn from the code, and committed with it. */
function drawDocument(): void {
  process.stdout.write('Drawing openapi.json …\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'openapi'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    throw new Refusal(
      'The feature is written, but openapi.json is not: mend what is said above, then npm run openapi.',
    );
  process.stdout.write('UPDATE openapi.json\n');
}
