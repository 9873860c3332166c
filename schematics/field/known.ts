import ts from 'typescript';
import {
  additions,
  type Edit,
  insertion,
  intoList,
  intoStatements,
  named,
  nameOfNode,
  nodesBelow,
  replacement,
  textOf,
  textOfAddition,
} from './edits.js';
import { importAs } from './imported.js';
import type { Shape } from './shape.js';
import { bare, isVariable, type Sources } from './sources.js';
import { insertedBy, isSqlText, itemsFrom, structureOf, type SqlText, withInserted } from './sql.js';

/** Has what the tests know of a feature tell of new fields: how one is made, what it refers to, what it costs. */
export function editKnown(sources: Sources, path: string, donor: ts.SourceFile, { feature, parts }: Shape): void {
  const { name } = feature;
  const from = knownIn(donor);
  if (!from || !knownIn(sources.parse(path))) return;
  const edit = (make: (into: ts.ObjectLiteralExpression) => Edit[]): void => {
    const into = knownIn(sources.parse(path));
    if (into) sources.edit(path, make(into));
  };
  edit((into) => membersInto(from, into));
  const lists = parts.filter(({ field }) => field.type === 'refs').length;
  edit((into) => costsInto(into, name.kebab, lists));
  edit((into) => rowsInto(from, into, name.snake));
  edit((into) => statementInto(from, into, name.snake));
  if (feature.readOnly) edit((into) => neededInto(from, into));
  putThing(sources, path, donor, name.kebab);
}

/** What a file says of its feature. */
function knownIn(file: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  const value = bare(nodesBelow(file, isVariable('feature'))[0]?.initializer);
  return value && ts.isObjectLiteralExpression(value) ? value : undefined;
}

/** The object that a property of an object is. */
function objectAt(object: ts.ObjectLiteralExpression, name: string): ts.ObjectLiteralExpression | undefined {
  const property = object.properties.filter(ts.isPropertyAssignment).find((one) => nameOfNode(one) === name);
  const value = bare(property?.initializer);
  return value && ts.isObjectLiteralExpression(value) ? value : undefined;
}

function membersInto(from: ts.ObjectLiteralExpression, into: ts.ObjectLiteralExpression): Edit[] {
  const [fresh, there] = [objectAt(from, 'members'), objectAt(into, 'members')];
  if (!fresh) return [];
  const [list, of] = there ? [fresh.properties, there.properties] : [from.properties, into.properties];
  return additions(named(list), named(of))
    .filter(({ nodes }) => there !== undefined || nodes.some((node) => nameOfNode(node) === 'members'))
    .flatMap((one) => intoList(of, textOfAddition(one), one.before));
}

/** Each list of references takes one more statement to write. */
function costsInto(into: ts.ObjectLiteralExpression, feature: string, lists: number): Edit[] {
  const written = [`POST /api/v1/${feature}`, `PATCH /api/v1/${feature}/{id}`];
  return (objectAt(into, 'statements')?.properties ?? []).flatMap((property) =>
    lists > 0 &&
    ts.isPropertyAssignment(property) &&
    written.includes(nameOfNode(property)) &&
    ts.isNumericLiteral(property.initializer)
      ? [replacement(property.initializer, String(Number(property.initializer.text) + lists))]
      : [],
  );
}

/** The rows of which lists have many: `'offers (id, title)': "'T' || n"`. */
function rowsInto(from: ts.ObjectLiteralExpression, into: ts.ObjectLiteralExpression, table: string): Edit[] {
  const [fresh] = rowsOf(from, table);
  const [there] = rowsOf(into, table);
  if (!fresh || !there) return [];
  // a row of nothing else has its version
  const isNew = (column: string): boolean => column !== 'version' && !there.columns.includes(column);
  const columns = fresh.columns.filter(isNew);
  const values = fresh.columns.flatMap((column, index) => (isNew(column) ? [fresh.values[index - 1] ?? 'NULL'] : []));
  if (columns.length === 0) return [];
  const { name, value } = there;
  const key = `'${table} (${[...there.columns, ...columns].join(', ')})'`;
  return [replacement(name, key), ...appended(value, `, ${values.join(', ')}`)];
}

interface Rows {
  name: ts.Node;
  value: SqlText;
  /** The id first. */
  columns: string[];
  /** Of all columns but the id. */
  values: string[];
}

function rowsOf(known: ts.ObjectLiteralExpression, table: string): Rows[] {
  return (objectAt(known, 'rows')?.properties ?? []).flatMap((property) => {
    const [, of, listed = ''] = /^(\w+) \((.*)\)$/.exec(nameOfNode(property)) ?? [];
    if (of !== table || !ts.isPropertyAssignment(property) || !isSqlText(property.initializer)) return [];
    const value = property.initializer;
    const text = value.getText();
    const values = itemsFrom(structureOf(value), 1).map(({ start, end }) => text.slice(start, end));
    return [{ name: property.name, value, columns: listed.split(', '), values }];
  });
}

/** A text with something behind it, in other quotes where that has them. */
function appended(node: SqlText, more: string): Edit[] {
  const text = node.getText();
  return ts.isStringLiteral(node)
    ? [replacement(node, `\`${node.text}${more}\``)]
    : [insertion(node.getStart() + text.length - 1, more)];
}

/** How one is made where clients only read: by a statement. */
function statementInto(from: ts.ObjectLiteralExpression, into: ts.ObjectLiteralExpression, table: string): Edit[] {
  const inserting = (object: ts.ObjectLiteralExpression): SqlText | undefined =>
    nodesBelow(object, isSqlText).find((text) => insertedBy(text, table) !== undefined);
  const [source, target] = [inserting(from), inserting(into)];
  const [fresh, there] = [source && insertedBy(source, table), target && insertedBy(target, table)];
  if (!fresh || !there || !target) return [];
  const added = fresh.columns.map((column, index) => ({ column, value: fresh.values[index] ?? 'NULL' }));
  const wanted = added.filter(({ column }) => !there.columns.includes(column));
  const [columns, values] = [wanted.map(({ column }) => column), wanted.map(({ value }) => value)];
  return wanted.length > 0 ? (withInserted(target, table, columns, values) ?? []) : [];
}

/** Has a function be given how other things are made, and wait for it. */
function withMake(maker: ts.ArrowFunction | undefined): Edit[] {
  const making = maker?.parameters[0]?.name;
  if (!maker || !making || !ts.isObjectBindingPattern(making)) return [];
  const hasIt = making.elements.some(({ name }) => name.getText() === 'make');
  const waits = (maker.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  return [
    ...(hasIt ? [] : intoList(making.elements, 'make')),
    ...(waits ? [] : [insertion(maker.getStart(), 'async ')]),
  ];
}

/** What has to be there before one is made by a statement. */
function neededInto(from: ts.ObjectLiteralExpression, into: ts.ObjectLiteralExpression): Edit[] {
  const [fresh, there] = [from, into].map((known) => {
    const things = objectAt(known, 'things');
    return things && nodesBelow(things, ts.isArrowFunction).find(({ body }) => ts.isBlock(body));
  });
  if (!fresh || !there || !ts.isBlock(fresh.body) || !ts.isBlock(there.body)) return [];
  const known = new Set(there.body.statements.map((statement) => statement.getText()));
  const made = fresh.body.statements
    .map((statement) => statement.getText())
    .filter((text) => text.startsWith('await make(') && !known.has(text));
  if (made.length === 0) return [];
  return [...withMake(there), insertion(there.body.statements.pos, `\n${made.join('\n')}`)];
}

const isPost =
  (feature: string) =>
  (node: ts.Node): node is ts.CallExpression => {
    if (!ts.isCallExpression(node) || !['post', 'own'].includes(node.expression.getText())) return false;
    const [path] = node.arguments;
    return path !== undefined && ts.isStringLiteral(path) && path.text === feature;
  };

/** How one is made by a request: with what it has to have. */
function putThing(sources: Sources, path: string, donor: ts.SourceFile, feature: string): void {
  const [fresh, there] = [donor, sources.parse(path)].map((file) => nodesBelow(file, isPost(feature))[0]?.arguments[1]);
  if (!fresh || !there || !ts.isObjectLiteralExpression(fresh) || !ts.isObjectLiteralExpression(there)) return;
  const added = additions(named(fresh.properties), named(there.properties));
  if (added.length === 0) return;
  const edits = added.flatMap((one) => intoList(there.properties, textOfAddition(one), one.before));
  const nodes = added.flatMap((one) => one.nodes);
  const uses = (name: string): boolean =>
    nodes.some((node) => nodesBelow(node, ts.isIdentifier).some(({ text }) => text === name));
  if (uses('make')) edits.push(...withMake(ts.findAncestor(there, ts.isArrowFunction)));
  sources.edit(path, edits);
  importAs(sources, path, donor, nodes);
  const counter = donor.statements.find((statement) => nameOfNode(statement) === 'made');
  const file = sources.parse(path);
  const [known] = nodesBelow(file, isVariable('feature'));
  if (counter && uses('made') && nodesBelow(file, isVariable('made')).length === 0) {
    sources.edit(path, [intoStatements(file, textOf(counter), known?.parent.parent)]);
  }
}
