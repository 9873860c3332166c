import ts from 'typescript';
import { additions, intoList, named, nameOfNode, nodesBelow, replacement, renamed, textOfAddition } from './edits.js';
import { bind, type Given, givenOf } from './given.js';
import { importAs } from './imported.js';
import type { Donors } from './members.js';
import { putStatement } from './service.js';
import type { Shape } from './shape.js';
import { bare, type Found, isVariable, needed, type Sources, takes } from './sources.js';

type Taker = Found<ts.MethodDeclaration | ts.FunctionDeclaration | ts.ArrowFunction>;

/** Has the list of a feature filter and sort by new fields. */
export function editList(sources: Sources, shape: Shape, donors: Donors): void {
  if (shape.query === undefined) return;
  const donor = donors.file(`${shape.feature.name.kebab}.service.ts`);
  putConditions(sources, shape, donors, donor);
  putSorts(sources, shape, donor);
}

function putConditions(sources: Sources, shape: Shape, donors: Donors, donor: ts.SourceFile): void {
  const { feature, folder, parts } = shape;
  const type = `${feature.one.pascal}Query`;
  const takers: Taker[] = sources.find(folder, takes(type));
  const isSearched = takers.some(({ file }) => nodesBelow(file, ts.isIdentifier).some(({ text }) => text === 'q'));
  const names = parts.flatMap(({ filters }) => filters.map(({ parameter }) => parameter));
  if (parts.some(({ field }) => field.searchable) && !isSearched) names.push('q');
  if (names.length === 0) return;

  const fresh = nodesBelow(donor, takes(type))
    .map(conditionsIn)
    .find((list) => list !== undefined);
  const wanted = (fresh?.elements ?? []).filter((element) => names.includes(nameOfNode(element)));
  const what = `a list of conditions in a function that takes ${type}, like [sku !== undefined && sql\`…\`], or where: […]`;
  if (putAllConditions(sources, takers, donor, donors)) return;
  const places = takers.flatMap((taker) => placeIn(taker) ?? []);
  const place = places.find(({ conditions: list }) => list) ?? places[0];
  const { taker, conditions, where } = needed(place, folder, what);
  const given = queryOf(taker, type);
  const { edits: bound, called } = bind(given, names, '', (other) => other === 'q');
  const edits = [...bound];
  if (conditions) {
    const added = additions(named(wanted), named(conditions.elements), ['q']);
    edits.push(
      ...added.flatMap(({ nodes, before }) =>
        intoList(conditions.elements, nodes.map((node) => renamed(node, 'query', called)).join(', '), before),
      ),
    );
  } else if (where) {
    const more = wanted.map((condition) => spreadOf(condition, called)).join(', ');
    const list = bare(where.initializer);
    if (list && ts.isArrayLiteralExpression(list)) edits.push(...intoList(list.elements, more));
    else edits.push(replacement(where.initializer, `[...(${where.initializer.getText()}), ${more}]`));
  }
  sources.edit(taker.path, edits);
  importAs(sources, taker.path, donor, wanted);
}

/** Gives a list that had no filters, `where: []`, a function with its conditions; whether it was such a list. */
function putAllConditions(sources: Sources, takers: readonly Taker[], donor: ts.SourceFile, donors: Donors): boolean {
  const isAlways = (node: ts.Node): boolean => ts.isCallExpression(node) && node.expression.getText() === 'raw';
  for (const taker of takers) {
    const where = placeIn(taker)?.where;
    const list = bare(where?.initializer);
    if (!where || !list || !ts.isArrayLiteralExpression(list) || !list.elements.every(isAlways)) continue;
    sources.edit(taker.path, [replacement(where.initializer, 'conditionsOf(list.query)')]);
    putStatement(sources, taker.path, donor, 'conditionsOf', donors.moved);
    return true;
  }
  return false;
}

interface Place {
  taker: Taker;
  conditions?: ts.ArrayLiteralExpression;
  where?: ts.PropertyAssignment;
}

/** Where a function that takes a query has its conditions. */
function placeIn(taker: Taker): Place | undefined {
  const conditions = conditionsIn(taker.node);
  if (conditions) return { taker, conditions };
  const where = nodesBelow(taker.node, ts.isPropertyAssignment).find((property) => property.name.getText() === 'where');
  const isCalled = where && ts.isCallExpression(where.initializer);
  return where && !isCalled ? { taker, where } : undefined;
}

/** The list whose elements are conditions, each with what it depends on. */
function conditionsIn(fn: ts.Node): ts.ArrayLiteralExpression | undefined {
  const isOwn = ts.isVariableDeclaration(fn.parent) && fn.parent.name.getText() === 'conditionsOf';
  const isConditional = (element: ts.Node): boolean =>
    ts.isBinaryExpression(element) && element.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  return nodesBelow(fn, ts.isArrayLiteralExpression).find(({ elements }) => isOwn || elements.some(isConditional));
}

/** `x !== undefined && sql…` as what a list without such conditions takes: `...(x === undefined ? [] : [sql…])`. */
function spreadOf(condition: ts.Expression, called: (name: string) => string): string {
  if (!ts.isBinaryExpression(condition)) return condition.getText();
  const parameter = renamed(condition.left, 'query', called).replace(/ !== undefined$/, '');
  return `...(${parameter} === undefined ? [] : [${renamed(condition.right, 'query', called)}])`;
}

/** How a function names the query: that of an open list, where it opens one. */
function queryOf({ node }: Taker, type: string): Given {
  const given = givenOf(node, type, ['list.query']);
  const opens = nodesBelow(node, ts.isPropertyAccessExpression).some((one) => one.getText() === 'list.query');
  return opens ? { ...given, whole: 'list.query' } : given;
}

function putSorts(sources: Sources, { feature, folder, parts }: Shape, donor: ts.SourceFile): void {
  if (!parts.some(({ sort }) => sort)) return;
  const type = `${feature.one.pascal}Sort`;
  const isRecord = ({ node }: Found<ts.VariableDeclaration>): boolean => {
    const names = node.type ? nodesBelow(node.type, ts.isIdentifier).map(({ text }) => text) : [];
    return names.includes(type) && names.every((name) => ['Readonly', 'Record', type, 'SortKey'].includes(name));
  };
  const found = sources.find(folder, ts.isVariableDeclaration).find(isRecord);
  const object = bare(found?.node.initializer);
  const what = `const SORTS: Record<${type}, SortKey> = { … }`;
  const into = needed(object && ts.isObjectLiteralExpression(object) ? object : undefined, folder, what);
  const fresh = bare(nodesBelow(donor, isVariable('SORTS'))[0]?.initializer);
  if (!found || !fresh || !ts.isObjectLiteralExpression(fresh)) return;
  const added = additions(named(fresh.properties), named(into.properties));
  const before = into.properties.find((property) => nameOfNode(property) === 'createdAt');
  sources.edit(
    found.path,
    added.flatMap((one) => intoList(into.properties, textOfAddition(one), one.before ?? before)),
  );
  importAs(sources, found.path, donor, ['raw']);
}
