import ts from 'typescript';

/** A change of a text: what stands between two places becomes something else. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

export const insertion = (at: number, text: string): Edit => ({ start: at, end: at, text });
export const replacement = (node: ts.Node, text: string): Edit => ({
  start: node.getStart(),
  end: node.getEnd(),
  text,
});

/** The text with its edits, which don't overlap; those at one place come in their order. */
export function edited(text: string, edits: readonly Edit[]): string {
  let done = 0;
  let result = '';
  for (const { start, end, text: put } of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(done, start) + put;
    done = end;
  }
  return result + text.slice(done);
}

export const parsed = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** All nodes below one, itself first, for which a test holds. */
export function nodesBelow<N extends ts.Node>(root: ts.Node, test: (node: ts.Node) => node is N): N[] {
  const found: N[] = [];
  const visit = (node: ts.Node): void => {
    if (test(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** Where a node begins with the comments that stand right above it. */
export function startOf(node: ts.Node): number {
  const text = node.getSourceFile().text;
  let start = node.getStart();
  for (const { pos, end } of (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).toReversed()) {
    if (/\n\s*\n/.test(text.slice(end, start))) break;
    start = pos;
  }
  return start;
}

/** Where a node ends, with what is said of it behind it on its line. */
function endOf(file: ts.SourceFile, end: number): number {
  return (ts.getTrailingCommentRanges(file.text, end) ?? []).at(-1)?.end ?? end;
}

/** The text of nodes that follow each other, with their comments. */
export const textOf = (first: ts.Node, last: ts.Node = first): string =>
  first.getSourceFile().text.slice(startOf(first), last.getEnd());

/** Puts something into a list with commas between its elements: before one of them, or at the end. */
export function intoList(list: ts.NodeArray<ts.Node>, text: string, before?: ts.Node): Edit[] {
  if (before) return [insertion(startOf(before), `${text}, `)];
  const last = list.at(-1);
  if (!last) return [insertion(list.pos, text)];
  const file = last.getSourceFile();
  const end = endOf(file, list.end);
  const comma = list.hasTrailingComma ? [] : [insertion(last.getEnd(), ',')];
  return [...comma, insertion(end, `${end > list.end ? '\n' : ' '}${text}`)];
}

/** Puts members into a class or an interface: before one of them, or at the end. */
export function intoMembers(
  into: ts.ClassLikeDeclaration | ts.InterfaceDeclaration,
  text: string,
  before?: ts.Node,
): Edit {
  const gap = ts.isInterfaceDeclaration(into) ? '\n' : '\n\n';
  return before
    ? insertion(startOf(before), `${text}${gap}`)
    : insertion(into.getEnd() - 1, `${into.members.length > 0 ? gap : '\n'}${text}\n`);
}

/** Puts statements into a file or a block: before one of them, or at the end. */
export function intoStatements(into: ts.SourceFile | ts.Block, text: string, before?: ts.Node): Edit {
  if (before) return insertion(startOf(before), `${text}${ts.isSourceFile(into) ? '\n\n' : '\n'}`);
  const at = ts.isSourceFile(into) ? into.getEnd() : into.getEnd() - 1;
  return insertion(at, ts.isSourceFile(into) ? `\n${text}\n` : `${text}\n`);
}

/** A node and what it is called among its like. */
export interface Named {
  name: string;
  node: ts.Node;
}

/** What a member, an element, a statement is called among its like: its text, where it has no name. */
export function nameOfNode(node: ts.Node): string {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText() ?? '';
  if (ts.isBinaryExpression(node)) return nameOfNode(node.left);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isArrayLiteralExpression(node) && node.elements[0]) return nameOfNode(node.elements[0]);
  const name = (node as ts.NamedDeclaration).name;
  if (!name) return node.getText();
  return ts.isStringLiteralLike(name) || ts.isIdentifier(name) ? name.text : name.getText();
}

/** The nodes with their names. */
export const named = (nodes: Iterable<ts.Node>): Named[] =>
  [...nodes].map((node) => ({ name: nameOfNode(node), node }));

/** What one list has and another has not: nodes that follow each other, and the node of the other that they go before. */
export interface Addition {
  nodes: ts.Node[];
  before?: ts.Node;
}

/**
 * What `from` has and `into` has not, by name. Each goes where `from` has it: before what follows it there, in front of
 * the `last` of `into`, or else at the end.
 */
export function additions(
  from: readonly Named[],
  into: readonly Named[],
  last: readonly string[] = [],
  isWanted: (name: string) => boolean = () => true,
): Addition[] {
  const there = new Map(into.map(({ name, node }) => [name, node]));
  const tail = into.find(({ name }) => last.includes(name))?.node;
  const found: Addition[] = [];
  for (const [index, { name, node }] of from.entries()) {
    if (there.has(name) || !isWanted(name)) continue;
    const follower = from.slice(index + 1).find((other) => there.has(other.name));
    const before = (follower && there.get(follower.name)) ?? tail;
    const previous = from[index - 1];
    const group = found.at(-1);
    if (group && previous && group.nodes.at(-1) === previous.node) group.nodes.push(node);
    else found.push({ nodes: [node], before });
  }
  return found;
}

/** The text of an addition, as it stands where it comes from. */
export const textOfAddition = ({ nodes: [first, ...rest] }: Addition): string =>
  first ? textOf(first, rest.at(-1)) : '';

const readsOf =
  (from: string) =>
  (node: ts.Node): node is ts.PropertyAccessExpression =>
    ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === from;

/** The members that code reads off something. */
export const readOf = (nodes: ts.Node[], from: string): string[] =>
  nodes.flatMap((node) => nodesBelow(node, readsOf(from)).map(({ name }) => name.text));

/** The text of code with each `from.x` as what `at` makes of x. */
export function renamed(node: ts.Node, from: string, at: (member: string) => string): string {
  const start = node.getStart();
  const edits = nodesBelow(node, readsOf(from)).map((read) => ({
    start: read.getStart() - start,
    end: read.getEnd() - start,
    text: at(read.name.text),
  }));
  return edited(node.getText(), edits);
}
