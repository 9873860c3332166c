import ts from 'typescript';
import { filesOf } from '../files.js';
import {
  type Addition,
  additions,
  insertion,
  intoList,
  intoStatements,
  named,
  nameOfNode,
  nodesBelow,
  parsed,
  replacement,
  startOf,
  textOf,
  textOfAddition,
} from './edits.js';
import { importAs } from './imported.js';
import { editKnown } from './known.js';
import type { Shape } from './shape.js';
import { answered, bare, type Sources } from './sources.js';

/** Has the tests of a feature make and expect new fields. What they don't have in a form that is known stays as it is. */
export function editTests(sources: Sources, shape: Shape): void {
  const { feature, folder } = shape;
  const donors = filesOf(feature);
  // every feature has those: what tests only the new fields is what is left
  const usual = filesOf({ ...feature, fields: [] });
  for (const [path, text] of donors) {
    if (!sources.has(path) || (path.startsWith('src/') && !path.endsWith('.spec.ts'))) continue;
    const donor = parsed(path, text);
    if (path.startsWith(folder)) editSpec(sources, path, donor, feature.one.pascal);
    else if (path.endsWith('.test.ts'))
      editHttpTest(sources, path, donor, parsed(path, usual.get(path) ?? ''), feature.readOnly);
    else editKnown(sources, path, donor, shape);
  }
}

/** The row that a spec maps, and what it expects of it. */
function editSpec(sources: Sources, path: string, donor: ts.SourceFile, one: string): void {
  const isRow = (node: ts.Node): node is ts.ObjectLiteralExpression =>
    ts.isObjectLiteralExpression(node) &&
    ts.isVariableDeclaration(node.parent) &&
    node.parent.type?.getText() === `${one}Row`;
  const isExpected = (node: ts.Node): node is ts.ObjectLiteralExpression =>
    ts.isObjectLiteralExpression(node) && has(node, 'version') && has(node, 'createdAt') && !isRow(node);
  for (const test of [isRow, isExpected]) {
    const [from] = nodesBelow(donor, test);
    for (const into of nodesBelow(sources.parse(path), test).toReversed()) {
      if (from) sources.edit(path, propertiesInto(from, into));
    }
  }
}

const has = ({ properties }: ts.ObjectLiteralExpression, name: string): boolean =>
  properties.some((property) => nameOfNode(property) === name);

const propertiesInto = (
  from: ts.ObjectLiteralExpression,
  into: ts.ObjectLiteralExpression,
): ReturnType<typeof intoList> =>
  additions(named(from.properties), named(into.properties)).flatMap((one) =>
    intoList(into.properties, textOfAddition(one), one.before),
  );

/** What a statement of a test is called: a test by its title, a variable by its name. */
function statementName(statement: ts.Statement): string {
  if (ts.isReturnStatement(statement)) return 'return';
  if (!ts.isExpressionStatement(statement)) return nameOfNode(statement);
  const { expression } = statement;
  if (ts.isBinaryExpression(expression)) return expression.left.getText();
  if (!ts.isCallExpression(expression)) return expression.getText();
  const [title] = expression.arguments;
  return title && ts.isStringLiteralLike(title) ? title.text : expression.getText();
}

const statementsOf = (nodes: Iterable<ts.Statement>): { name: string; node: ts.Statement }[] =>
  [...nodes].map((node) => ({ name: hook(statementName(node)), node }));

/** `beforeAll(…)` is called `beforeAll`, independent of its body. */
const hook = (name: string): string => /^(before|after)(All|Each)\(/.exec(name)?.[0] ?? name;

/** What all tests of a file stand in. */
function suiteOf(file: ts.SourceFile): ts.Block | undefined {
  const suite = nodesBelow(file, ts.isCallExpression).find(({ expression }) => expression.getText() === 'describe');
  const body = suite?.arguments.at(-1);
  return body && ts.isArrowFunction(body) && ts.isBlock(body.body) ? body.body : undefined;
}

function isInput(node: ts.Node): node is ts.FunctionDeclaration {
  return ts.isFunctionDeclaration(node) && node.name?.text === 'input';
}

/** Whether a test makes things as the generator has it: by a function `input`. */
export const hasInput = (sources: Sources, path: string): boolean => sources.find(path, isInput).length > 0;

function editHttpTest(
  sources: Sources,
  path: string,
  donor: ts.SourceFile,
  usual: ts.SourceFile,
  isReadOnly: boolean,
): void {
  putKeys(sources, path, donor);
  putCases(sources, path, donor);
  if (isReadOnly) putStatements(sources, path, donor, usual);
  // only where one is made as the generator has it, its tests can be taken over
  if (!hasInput(sources, path)) return;
  putInput(sources, path, donor);
  putStatements(sources, path, donor, usual);
  for (const name of ['json', 'body']) putChange(sources, path, donor, name);
}

const CHANGED = 'are changed by a client that knows their version';

/** What the test of a change sends, and what it expects. */
function putChange(sources: Sources, path: string, donor: ts.SourceFile, name: string): void {
  const [from, into] = [donor, sources.parse(path)].map((file) => {
    const test = (suiteOf(file)?.statements ?? []).find((statement) => statementName(statement) === CHANGED);
    const sent = test && nodesBelow(test, ts.isPropertyAssignment).find((property) => nameOfNode(property) === name);
    return bare(sent?.initializer);
  });
  if (from && into && ts.isObjectLiteralExpression(from) && ts.isObjectLiteralExpression(into)) {
    sources.edit(path, propertiesInto(from, into));
  }
}

/** The members that one has, where a test lists them. */
function putKeys(sources: Sources, path: string, donor: ts.SourceFile): void {
  const isList = (node: ts.Node): node is ts.ArrayLiteralExpression =>
    ts.isArrayLiteralExpression(node) &&
    ['id', 'version'].every((name) => node.elements.some((one) => ts.isStringLiteral(one) && one.text === name));
  const [from] = nodesBelow(donor, isList);
  const [into] = nodesBelow(sources.parse(path), isList);
  if (from && into) sources.edit(path, elementsInto(from, into));
}

const elementsInto = (from: ts.ArrayLiteralExpression, into: ts.ArrayLiteralExpression): ReturnType<typeof intoList> =>
  additions(named(from.elements), named(into.elements), ['q']).flatMap((one) =>
    intoList(into.elements, textOfAddition(one), one.before),
  );

/** What a new one is made of. */
function putInput(sources: Sources, path: string, donor: ts.SourceFile): void {
  const [from] = nodesBelow(donor, isInput);
  const [into] = nodesBelow(sources.parse(path), isInput);
  const [made, fresh] = [into && answered(into), from && answered(from)];
  if (!from?.body || !into?.body || !made || !fresh) return;
  const { body } = into;
  const steps = additions(statementsOf(from.body.statements), statementsOf(body.statements));
  const edits = [
    ...propertiesInto(fresh, made),
    // what was made before is forgotten first
    ...steps.map((step) =>
      intoStatements(body, textOfAddition(step), isForgetting(step) ? body.statements[0] : step.before),
    ),
  ];
  if (isAsync(from) && !isAsync(into)) {
    edits.push(insertion(into.getStart(), 'async '));
    if (into.type && from.type) edits.push(replacement(into.type, from.type.getText()));
  }
  sources.edit(path, edits);
  importAs(sources, path, donor, [fresh]);
  if (isAsync(from)) awaitInput(sources, path);
}

const isForgetting = ({ nodes: [first] }: Addition): boolean => first?.getText().startsWith('stock.forget(') ?? false;

const isAsync = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);

/** Has all who make an input wait for it. */
function awaitInput(sources: Sources, path: string): void {
  const file = sources.parse(path);
  const calls = nodesBelow(file, ts.isCallExpression).filter(
    ({ expression, parent }) => expression.getText() === 'input' && !ts.isAwaitExpression(parent),
  );
  const around = new Set(calls.map((call) => ts.findAncestor(call, ts.isFunctionLike)));
  const plain = [...around].filter((fn) => fn !== undefined).filter((fn) => !isAsync(fn));
  sources.edit(path, [
    ...calls.flatMap((call) => [insertion(call.getStart(), '(await '), insertion(call.getEnd(), ')')]),
    ...plain.map((fn) => insertion(fn.getStart(), 'async ')),
  ]);
}

/** The constants, variables and tests that only the new fields bring. */
function putStatements(sources: Sources, path: string, donor: ts.SourceFile, usual: ts.SourceFile): void {
  const known = new Set(
    [usual, suiteOf(usual)].flatMap((one) => (one ? statementsOf(one.statements) : [])).map(({ name }) => name),
  );
  const isFresh = (node: ts.Node): boolean =>
    !ts.isImportDeclaration(node) && !ts.isFunctionDeclaration(node) && !known.has(statementName(node as ts.Statement));
  for (const of of [(file: ts.SourceFile) => file, suiteOf, setUpOf]) {
    const [from, into] = [of(donor), of(sources.parse(path))];
    if (!from || !into) continue;
    const added = additions(statementsOf(from.statements), statementsOf(into.statements)).flatMap(({ nodes, before }) =>
      nodes.filter(isFresh).map((node) => ({ node, before: before ?? suiteIn(into) })),
    );
    sources.edit(
      path,
      added.map(({ node, before }) => intoPlace(into, node, before)),
    );
    importAs(
      sources,
      path,
      donor,
      added.map(({ node }) => node),
    );
  }
}

const suiteIn = (into: ts.Node): ts.Statement | undefined =>
  ts.isSourceFile(into) ? into.statements.find(ts.isExpressionStatement) : undefined;

/** A test stands apart from the others; a variable stands among them. */
function intoPlace(into: ts.SourceFile | ts.Block, node: ts.Node, before?: ts.Node): ReturnType<typeof insertion> {
  const isTest = ts.isExpressionStatement(node) && ts.isCallExpression(node.expression);
  const text = textOf(node);
  if (!before) return insertion(into.getEnd() - 1, `\n${isTest ? '\n' : ''}${text}\n`);
  if (isTest) return insertion(startOf(before), `${text}\n\n`);
  const { statements } = into;
  const previous = statements[statements.indexOf(before as ts.Statement) - 1];
  const isBehind = previous && ts.isSourceFile(into) && ts.isVariableStatement(previous);
  return isBehind ? insertion(previous.getEnd(), `\n${text}`) : insertion(startOf(before), `${text}\n`);
}

/** What happens before all tests. */
function setUpOf(file: ts.SourceFile): ts.Block | undefined {
  const hooks = nodesBelow(file, ts.isCallExpression).find(({ expression }) => expression.getText() === 'beforeAll');
  const body = hooks?.arguments[0];
  return body && ts.isArrowFunction(body) && ts.isBlock(body.body) ? body.body : undefined;
}

/** The cases of tests that are there for other fields already. */
function putCases(sources: Sources, path: string, donor: ts.SourceFile): void {
  for (const title of casesOf(donor).keys()) {
    const [from, into] = [casesOf(donor).get(title), casesOf(sources.parse(path)).get(title)];
    if (from && into) sources.edit(path, elementsInto(from, into));
  }
}

/** By the titles of tests, the lists of what they are run with. */
function casesOf(file: ts.SourceFile): Map<string, ts.ArrayLiteralExpression> {
  const cases = new Map<string, ts.ArrayLiteralExpression>();
  for (const {
    expression,
    arguments: [title],
  } of nodesBelow(file, ts.isCallExpression)) {
    if (!title || !ts.isStringLiteralLike(title) || !ts.isCallExpression(expression)) continue;
    const list = bare(expression.arguments[0]);
    if (list && ts.isArrayLiteralExpression(list)) cases.set(title.text, list);
  }
  return cases;
}
