import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';
import ts from 'typescript';
import { compiling } from './compiling.js';
import { formatted, targetsIn } from './feature.js';
import { editList } from './field/list.js';
import { Donors, editMembers } from './field/members.js';
import { existingValues, migrationOf } from './field/migration.js';
import { editProblems } from './field/problems.js';
import { Writes } from './field/service.js';
import { editTests, hasInput } from './field/tests.js';
import { fieldOf } from './fields.js';
import { type Feature, requireDistinct } from './model.js';
import { nameOf } from './names.js';
import { Refusal } from './refusal.js';
import { othersThatWrite, requireFree, type Shape, shapeOf } from './field/shape.js';
import { Sources } from './field/sources.js';

/** What fields are asked for with. */
export interface FieldOptions {
  /** The feature that they go into. */
  name: string;
  field?: string[];
  /** More fields, with + between them: what Nest's command line has a place for. */
  path?: string;
  /** What the rows that there are have in them: `rating=3`. */
  existing?: string[];
  /** Of the migration, in milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/** Adds fields to a feature that is there, such that it compiles. @throws Refusal before anything is written. */
export function field(options: FieldOptions): Rule {
  return compiling(writeField(options));
}

/** The same without compiling it. */
export function writeField(options: FieldOptions): Rule {
  return async (tree, context) => {
    const given = [...(options.field ?? []), ...(options.path?.split('+') ?? [])];
    if (given.length === 0) throw new Refusal('Say what to add: --field name:type:detail:flags; --help tells more.');
    const asked = given.map(fieldOf);
    requireDistinct(asked);
    const sources = new Sources(tree);
    const timestamp = timestampOf(sources, options.timestamp);
    const bare = shapeOf(sources, options.name, asked, timestamp);
    const fields = targetsIn(tree, bare.feature);
    const shape = shapeOf(sources, options.name, fields, timestamp);
    requireFree(sources, shape);
    const existing = existingValues(fields, options.existing ?? [], given);
    sources.write(...migrationOf(sources, shape, existing));

    const donors = new Donors(shape);
    editMembers(sources, shape, donors);
    if (!shape.feature.readOnly) new Writes(sources, shape, donors).edit();
    editProblems(sources, shape, donors);
    editList(sources, shape, donors);
    editTests(sources, shape);
    await sources.give(formatted);
    const page = 'docs/architecture.md';
    if (tree.exists(page)) tree.overwrite(page, withUses(tree.readText(page), shape.feature));
    warn(context, tree, shape);
  };
}

/** The page with what the feature refers to now, where its folder is listed; as it is, when it is not. */
function withUses(page: string, { name, fields }: Feature): string {
  const line = new RegExp(`^ {2}${name.kebab}/ .*$`, 'm').exec(page)?.[0];
  if (line === undefined) return page;
  const [what = '', known] = line.split('→');
  const uses = known === undefined ? [] : known.split(',').map((one) => one.trim());
  const fresh = fields.flatMap(({ target }) => (target && target.kebab !== name.kebab ? [target.kebab] : []));
  const all = [...new Set([...uses, ...fresh])];
  return all.length === uses.length ? page : page.replace(line, `${what.padEnd(72)}→ ${all.join(', ')}`);
}

/** When the migration is of: now, and after those there are. */
function timestampOf(sources: Sources, given: string | undefined): number {
  const there = sources.under('src/migrations').map((path) => Number(/\/(\d+)-[^/]+$/.exec(path)?.[1] ?? 0));
  return given === undefined ? Math.max(Date.now(), ...there.map((time) => time + 1)) : Number(given);
}

/** Says what else may have to know of the fields. */
function warn({ logger }: SchematicContext, tree: Tree, shape: Shape): void {
  const written = new Sources(tree);
  const required = shape.parts.filter(({ input }) => !input.left).map(({ member }) => member);
  const makers = required.length > 0 && !shape.feature.readOnly ? testsThatMake(written, shape) : [];
  for (const path of makers) {
    logger.warn(`${path} makes ${shape.feature.name.words} in its own way: give them ${required.join(', ')} there.`);
  }
  const others = othersThatWrite(written, shape).filter((path) => !path.startsWith('test/support/features/'));
  const columns = shape.parts.flatMap(({ columns: own }) => own.map(({ name }) => nameOf(name).snake));
  const [first] = columns;
  const unaware = others.filter((path) => first !== undefined && !written.read(path).includes(first));
  for (const path of unaware) {
    logger.warn(
      `${path} writes rows of ${shape.feature.name.snake} by itself: see whether it has to write ${columns.join(', ')}.`,
    );
  }
}

/** The tests that ask for one to be made, but for those in which the generator knows how. */
const testsThatMake = (sources: Sources, { feature: { name } }: Shape): string[] =>
  sources
    .under('test')
    .filter((path) => path.endsWith('.test.ts') && !hasInput(sources, path))
    .filter((path) => sources.find(path, ts.isCallExpression).some(({ node }) => isPostTo(node, name.kebab)));

/** `ask('offers', { method: 'POST', … })` */
function isPostTo({ arguments: [path, options] }: ts.CallExpression, feature: string): boolean {
  const properties = options && ts.isObjectLiteralExpression(options) ? [...options.properties] : [];
  const isPost = properties.some(
    (one) => ts.isPropertyAssignment(one) && ts.isStringLiteral(one.initializer) && one.initializer.text === 'POST',
  );
  return path !== undefined && ts.isStringLiteral(path) && path.text === feature && isPost;
}
