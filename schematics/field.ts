import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';
import { alterationText } from './alteration.js';
import { compiling } from './compiling.js';
import { existingValues } from './existing.js';
import { targetsIn, withUses } from './feature.js';
import { fieldOf } from './fields.js';
import { filesOf } from './files.js';
import { formatted } from './formatted.js';
import { merge } from './merge.js';
import { type Feature, namesOf, requireDistinct } from './model.js';
import { nameOf } from './names.js';
import { partOf } from './parts/part-of.js';
import type { Part } from './parts/part.js';
import { recordedFeature, recordOf } from './record.js';
import { Refusal } from './refusal.js';
import { filesUnder, put, timestampOf } from './tree.js';

/** What fields are asked for with. */
export interface FieldOptions {
  /** The feature that they go into. */
  name: string;
  field?: string[];
  /** More fields, with + between them: what Nest's command line has a place for. */
  path?: string;
  /** What the rows that there are have in them: `rating=3`. */
  existing?: string[];
  /** Writes also what can't be merged, with git's markers around it; else nothing is written then. */
  conflicts?: boolean;
  /** Of the migration, in milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/**
 * Adds fields to a feature that was generated: what the generator would write differently with them is merged into its files,
 * however they were changed since. @throws Refusal before anything is written.
 */
export function field(options: FieldOptions): Rule {
  // what has conflict markers in it can't be compiled yet
  return options.conflicts ? writeField(options) : compiling(writeField(options));
}

/** The same without compiling it. */
export function writeField(options: FieldOptions): Rule {
  return async (tree, { logger }) => {
    const given = [...(options.field ?? []), ...(options.path?.split('+') ?? [])];
    if (given.length === 0) throw new Refusal('Say what to add: --field name:type:detail:flags; --help tells more.');
    if (!/^[a-z][a-z0-9-]*$/.test(options.name) || filesUnder(tree, `src/${options.name}`).length === 0) {
      throw new Refusal(
        `There is no feature src/${options.name}/: a field goes into one that is there, called like its folder.`,
      );
    }
    const generated = recordedFeature(tree, options.name);
    const before = { ...generated, fields: targetsIn(tree, generated) };
    const asked = { ...before, fields: given.map(fieldOf) };
    requireDistinct([...before.fields, ...asked.fields]);
    requireFree(tree, asked);
    const fields = targetsIn(tree, asked);
    const existing = existingValues(fields, options.existing ?? [], given);
    const after = { ...before, fields: [...before.fields, ...fields] };
    const timestamp = timestampOf(tree, options.timestamp);
    const record = recordOf('field', options.name, { field: given });
    const parts = fields.map((one) => partOf(after, one));
    const [path, text] = alterationText({ ...after, fields, timestamp }, parts, before, existing, record);
    await mergeFiles(tree, before, after, options.conflicts ?? false, logger);
    await put(tree, path, text);
    const page = 'docs/architecture.md';
    if (tree.exists(page)) tree.overwrite(page, withUses(tree.readText(page), { ...after, fields }));
    warn(logger, tree, after, parts);
  };
}

/**
 * Changes the files of a feature from what is generated before to what is generated after.
 * @throws Refusal when people changed the same lines, and conflicts are not to be written.
 */
export async function mergeFiles(
  tree: Tree,
  before: Feature,
  after: Feature,
  conflicts: boolean,
  logger: SchematicContext['logger'],
): Promise<void> {
  const [olds, news] = [filesOf(before), filesOf(after)];
  const written = new Map<string, string>();
  const refused: string[] = [];
  for (const [path, text] of news) {
    if (path.startsWith('src/migrations/')) continue;
    const [base, wanted] = [await formatted(path, olds.get(path) ?? ''), await formatted(path, text)];
    if (base === wanted) continue;
    if (!tree.exists(path)) {
      if (olds.has(path)) logger.warn(`${path} is not there: what would change in it was left out.`);
      else written.set(path, wanted);
      continue;
    }
    const merged = merge(tree.readText(path), base, wanted);
    if (merged.conflicts > 0) refused.push(`${path} (${String(merged.conflicts)})`);
    written.set(path, merged.text);
  }
  if (refused.length > 0 && !conflicts) {
    throw new Refusal(
      `Nothing was written: lines that would change were changed by hand in ${refused.join(', ')}. With --conflicts all is written, with git's conflict markers in those places.`,
    );
  }
  for (const [path, text] of written) {
    if (tree.exists(path)) tree.overwrite(path, text);
    else tree.create(path, text);
  }
  if (refused.length > 0) logger.warn(`Resolve the conflicts in ${refused.join(', ')}; then npm run openapi.`);
}

/** @throws Refusal when people have given the feature a member of that name. */
export function requireFree(tree: Tree, { name, one, fields }: Feature): void {
  const wanted = new Set(fields.flatMap(namesOf));
  const ends = [
    `entities/${one.kebab}.entity.ts`,
    `dto/${one.kebab}.dto.ts`,
    `dto/${one.kebab}-input.dto.ts`,
    `dto/${one.kebab}-query.dto.ts`,
  ];
  for (const path of ends.map((end) => `src/${name.kebab}/${end}`).filter((file) => tree.exists(file))) {
    const members = Array.from(tree.readText(path).matchAll(/^ {2}(\w+)[?!]?: /gm), ([, member = '']) => member);
    const taken = members.find((member) => wanted.has(member));
    if (taken !== undefined)
      throw new Refusal(`${path} has ${taken} already; choose another name, or change it there.`);
  }
}

/** Says what else may have to know of the fields. */
function warn(logger: SchematicContext['logger'], tree: Tree, { name }: Feature, parts: readonly Part[]): void {
  const columns = parts.flatMap((part) => part.columns.map((column) => nameOf(column.name).snake));
  const [first] = columns;
  const others = ['src', 'test', 'bench']
    .flatMap((folder) => filesUnder(tree, folder))
    .filter((path) => !path.startsWith('src/migrations/') && !path.startsWith(`src/${name.kebab}/`))
    .filter((path) => path !== `test/support/features/${name.kebab}.ts`);
  for (const path of others) {
    const text = tree.readText(path);
    const writes = new RegExp(`INSERT INTO ${name.snake}\\b`).test(text);
    if (writes && first !== undefined && !text.includes(first))
      logger.warn(`${path} writes rows of ${name.snake} by itself: see whether it has to write ${columns.join(', ')}.`);
  }
}
