import pluralize from 'pluralize';
import ts from 'typescript';
import type { Field } from '../fields.js';
import { entityName, type Feature, namesOf, type Reading } from '../model.js';
import { type Name, nameOf } from '../names.js';
import { partOf } from '../parts/part-of.js';
import type { Part } from '../parts/part.js';
import { Refusal } from '../refusal.js';
import { nodesBelow } from './edits.js';
import { type Found, isClass, isInterface, needed, type Sources, takes } from './sources.js';
import { findColumns, isSqlText } from './sql.js';

/** A feature that is there: what it is, read from its code, and where its parts stand. */
export interface Shape {
  /** Of its fields, those that it is to be given. */
  feature: Feature;
  /** What those fields are in each file. */
  parts: readonly Part[];
  /** `src/offers` */
  folder: string;
  entity: string;
  /** Where the class of what goes out is. */
  output: string;
  /** Where the class of a new one is; undefined when clients only read. */
  input?: string;
  /** Where the class of the list's query is; undefined without a list. */
  query?: string;
  errors: string;
}

/** Reads what a feature is. @throws Refusal when there is none, or when it has not the shape that a field could be put into. */
export function shapeOf(sources: Sources, given: string, fields: readonly Field[], timestamp: number): Shape {
  const folder = `src/${given}`;
  if (!/^[a-z][a-z0-9-]*$/.test(given) || sources.under(folder).length === 0) {
    throw new Refusal(`There is no feature ${folder}/: a field goes into one that is there, called like its folder.`);
  }
  const name = nameOf(given);
  const one = singularIn(sources, folder) ?? nameOf(pluralize.singular(given));
  const [Create, Update, Query] = [`Create${one.pascal}Dto`, `Update${one.pascal}Dto`, `${one.pascal}Query`];
  const entityClass = entityName(one);
  const entity = needed(
    sources.find(folder, isClass(entityClass)).find(({ node }) => tableOf(node) !== undefined),
    folder,
    `the entity: @Entity('…') class ${entityClass}`,
  );
  const output = needed(sources.find(folder, isClass(`${one.pascal}Dto`))[0], folder, `class ${one.pascal}Dto`);
  const rows = sources.find(folder, isInterface(`${one.pascal}Row`))[0];
  const columns = needed(
    findColumns(sources, folder, membersOf(rows ?? entity)),
    folder,
    `raw(\`…\`) with the columns of ${withRow(one.pascal)}`,
  );
  const input = sources.find(folder, isClass(Create))[0]?.path;
  const readOnly = input === undefined && !isWritten(sources, folder, Update);
  if (!readOnly) needed(input, folder, `class ${Create}`);
  const feature: Feature = {
    name: { ...name, snake: tableOf(entity.node) ?? name.snake },
    one,
    entity: entityClass,
    alias: columns.alias,
    fields,
    owned: isOwned(sources, folder, entity),
    reading: readingIn(sources, folder, name),
    softDelete: membersOf(entity).includes('deletedAt'),
    readOnly,
    listed: sources.find(folder, isClass(Query)).length > 0,
    timestamp,
  };
  return {
    feature,
    parts: fields.map((field) => partOf(feature, field)),
    folder,
    entity: entity.path,
    output: output.path,
    input,
    query: sources.find(folder, isClass(Query))[0]?.path,
    errors: `${folder}/${name.kebab}.errors.ts`,
  };
}

/** What one of a feature is called, as its controller has it: what `@Get(':id')` answers is its `…Dto`. */
function singularIn(sources: Sources, folder: string): Name | undefined {
  const name = nameOf(folder.replace('src/', ''));
  const answers = sources
    .find(folder, isClass(`${name.pascal}Controller`))
    .flatMap(({ node }) => node.members.filter(ts.isMethodDeclaration))
    .filter((method) =>
      (ts.getDecorators(method) ?? []).some(({ expression }) => expression.getText() === "Get(':id')"),
    )
    .flatMap(({ type }) => /^Promise<(\w+)Dto>$/.exec(type?.getText() ?? '')?.[1] ?? []);
  const [answered] = answers;
  return answered === undefined ? undefined : nameOf(answered);
}

/** Whether each belongs to the user who made it: not only has the table a reference that is called owner. */
const isOwned = (sources: Sources, folder: string, entity: Found<ts.ClassDeclaration>): boolean =>
  membersOf(entity).includes('ownerId') &&
  !sources.find(folder, ts.isPropertyDeclaration).some(({ node }) => isGiven(node));

/** Whether a member of what comes in is the owner: then it is a field like any other. */
const isGiven = ({ name, parent }: ts.PropertyDeclaration): boolean =>
  name.getText() === 'ownerId' && ts.isClassDeclaration(parent) && /^Create\w+Dto$/.test(parent.name?.text ?? '');

/** Who reads, as the controller's decorators have it. */
function readingIn(sources: Sources, folder: string, { pascal }: Name): Reading {
  const decorators = sources
    .find(folder, isClass(`${pascal}Controller`))
    .flatMap(({ node }) => node.members)
    .filter(ts.isMethodDeclaration)
    .map((method) => (ts.getDecorators(method) ?? []).map(({ expression }) => expression.getText()))
    .find((texts) => texts.some((text) => text.startsWith('Get(')));
  const [, how, constant = ''] =
    (decorators ?? []).map((text) => /^(Public|SignedIn|Owner|Permit)\((\w*)\)/.exec(text)).find((found) => found) ??
    [];
  const permission = constant === '' ? undefined : { name: constant, constant };
  switch (how) {
    case 'SignedIn':
      return { by: 'signed-in' };
    case 'Owner':
      return { by: 'owner', permission };
    case 'Permit':
      return { by: 'permission', permission };
    default:
      return { by: 'public' };
  }
}

const withRow = (one: string): string => `a ${one}Row, with a .id and a .created_at AS "createdAt" among them`;

/** Whether clients can change one, or make one in a way of the feature's own. */
const isWritten = (sources: Sources, folder: string, update: string): boolean =>
  sources.find(folder, isClass(update)).length > 0 || sources.find(folder, takes(update)).length > 0;

/** The table that a class is the entity of. */
function tableOf(node: ts.ClassDeclaration): string | undefined {
  for (const { expression } of ts.getDecorators(node) ?? []) {
    if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Entity') continue;
    const [table] = expression.arguments;
    if (table && ts.isStringLiteralLike(table)) return table.text;
  }
  return undefined;
}

/** The names of what a class or an interface has. */
export const membersOf = ({ node }: Found<ts.ClassDeclaration | ts.InterfaceDeclaration>): string[] =>
  node.members.flatMap(({ name }) => (name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : []));

/** The services of a folder: what is injected. */
export function methodsThatTake(sources: Sources, folder: string, type: string): Found<ts.MethodDeclaration>[] {
  return sources.find(folder, takes(type)).filter((found): found is Found<ts.MethodDeclaration> => {
    const { node } = found;
    if (!ts.isMethodDeclaration(node) || !ts.isClassDeclaration(node.parent)) return false;
    return (ts.getDecorators(node.parent) ?? []).some(({ expression }) =>
      expression.getText().startsWith('Injectable('),
    );
  });
}

/** What the repository of the entity is called in a class; undefined where it has none. */
export function repositoryOf(method: ts.MethodDeclaration, entity: string): string | undefined {
  return nodesBelow(method.parent, ts.isParameter)
    .find(({ type, parent }) => ts.isConstructorDeclaration(parent) && type?.getText() === `Repository<${entity}>`)
    ?.name.getText();
}

/** @throws Refusal when the feature has one of the fields already, by any of its names. */
export function requireFree(sources: Sources, { feature, folder, entity, output, input, query }: Shape): void {
  const { one, fields } = feature;
  const classes: [path: string | undefined, name: string][] = [
    [entity, feature.entity],
    [output, `${one.pascal}Dto`],
    [input, `Create${one.pascal}Dto`],
    [folder, `Update${one.pascal}Dto`],
    [query, `${one.pascal}Query`],
  ];
  for (const [path, name] of classes) {
    const [found] = path === undefined ? [] : sources.find(path, isClass(name));
    const known = new Set(found ? membersOf(found) : []);
    const taken = fields.flatMap(namesOf).find((member) => known.has(member));
    if (found && taken !== undefined) {
      throw new Refusal(`${found.path}: ${name} has ${taken} already; choose another name, or change it there.`);
    }
  }
}

/** The files other than the service that write rows of the table by statements of their own. */
export function othersThatWrite(sources: Sources, { feature }: Shape): string[] {
  const paths = ['src', 'test', 'bench'].flatMap((folder) => sources.under(folder));
  return paths.filter(
    (path) =>
      !path.startsWith('src/migrations/') &&
      sources.read(path).includes(`INSERT INTO ${feature.name.snake}`) &&
      sources.find(path, isSqlText).some(({ node }) => node.getText().includes(`INSERT INTO ${feature.name.snake}`)),
  );
}
