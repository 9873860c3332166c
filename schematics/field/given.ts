import ts from 'typescript';
import { type Edit, insertion, intoList, nodesBelow, replacement } from './edits.js';
import { needed } from './sources.js';

/** What a function is given of a type, and how the code in it names the parts of that. */
export interface Given {
  /** The function's own name for it as a whole. */
  whole?: string;
  /** Where its parts get names: in the parameter, or in a `const { … } = whole`. */
  pattern?: ts.ObjectBindingPattern;
  /** The name of what has no name of its own: `...plain`. */
  rest?: string;
  parameter: ts.ParameterDeclaration;
}

type WithBody = ts.MethodDeclaration | ts.FunctionDeclaration | ts.ArrowFunction;

/** How a function names what it is given of a type; through what that opens, like `const { … } = list.query`, too. */
export function givenOf(fn: WithBody, type: string, opened: readonly string[] = []): Given {
  const parameter = needed(
    fn.parameters.find((one) => one.type?.getText() === type),
    fn.getSourceFile().fileName,
    `a parameter of type ${type}`,
  );
  if (ts.isObjectBindingPattern(parameter.name))
    return { parameter, pattern: parameter.name, rest: restOf(parameter.name) };
  const whole = parameter.name.getText();
  const pattern = nodesBelow(fn, ts.isVariableDeclaration)
    .filter(({ initializer }) => initializer && [whole, ...opened].includes(initializer.getText()))
    .map(({ name }) => name)
    .find(ts.isObjectBindingPattern);
  return { parameter, whole, pattern, rest: pattern && restOf(pattern) };
}

const restOf = (pattern: ts.ObjectBindingPattern): string | undefined =>
  pattern.elements.find(({ dotDotDotToken }) => dotDotDotToken)?.name.getText();

/** What new members are called inside the function, and what makes that so. */
export interface Binding {
  edits: Edit[];
  called: (member: string) => string;
}

/** Gives members names of their own, where members have some; else they are read off the whole. `before` may say in front of what. */
export function bind(
  { pattern, whole = '' }: Given,
  members: readonly string[],
  initial = '',
  before?: (name: string) => boolean,
): Binding {
  if (!pattern) return { edits: [], called: (member) => `${whole}.${member}` };
  const known = new Set(pattern.elements.map(({ name }) => name.getText()));
  const fresh = members
    .filter((member) => !known.has(member))
    .map((member) => `${member}${initial && ` = ${initial}`}`);
  const follower = pattern.elements.find(
    ({ dotDotDotToken, name }) => dotDotDotToken !== undefined || (before?.(name.getText()) ?? false),
  );
  return {
    edits: fresh.length > 0 ? intoList(pattern.elements, fresh.join(', '), follower) : [],
    called: (member) => member,
  };
}

/** Takes a member out of what is given as a whole, so that the others are `plain`. */
export function takeOut(fn: WithBody, { parameter, whole = '' }: Given, member: string, initial = ''): Binding {
  const uses = nodesBelow(fn, ts.isIdentifier).filter((node) => node.text === whole && isUse(node));
  const taken = `{ ${member}${initial && ` = ${initial}`}, ...plain }`;
  return {
    edits: [
      replacement(parameter.name, taken),
      ...uses.map((node) =>
        replacement(node, ts.isShorthandPropertyAssignment(node.parent) ? `${whole}: plain` : 'plain'),
      ),
    ],
    called: () => member,
  };
}

/** Calls what is left of the input `plain`, where it was all of it: `{ ...input }`. */
export function asPlain(fn: WithBody, { pattern, rest }: Given): Edit[] {
  const [only] = pattern?.elements ?? [];
  if (!only || pattern?.elements.length !== 1 || rest === undefined || rest === 'plain') return [];
  const uses = nodesBelow(fn, ts.isIdentifier).filter((node) => node.text === rest && isUse(node));
  return [only.name, ...uses].map((node) => replacement(node, 'plain'));
}

/** Takes the input as it is, where it was copied to be spread: `{ ...input }`. */
export function asWhole({ parameter, pattern, rest }: Given): Edit[] {
  const isCopy = pattern?.elements.length === 1 && rest !== undefined && parameter.name === pattern;
  return isCopy ? [replacement(pattern, rest)] : [];
}

/** Whether a name stands for its value there: it is no member's name, and declares nothing. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !ts.isParameter(parent) && !ts.isBindingElement(parent) && !ts.isTypeReferenceNode(parent);
}

/** The places where a value has all that was given: `...input`, `columnsOf(plain)`, `change`. */
export function wholesIn(value: ts.Expression, { whole, rest, pattern }: Given): ts.Identifier[] {
  const names = [...(rest === undefined ? [] : [rest]), ...(whole !== undefined && (!pattern || !rest) ? [whole] : [])];
  const carries = ({ parent }: ts.Node): boolean => !ts.isPropertyAccessExpression(parent);
  return nodesBelow(value, ts.isIdentifier).filter((node) => names.includes(node.text) && isUse(node) && carries(node));
}

export const wrapped = (node: ts.Node, before: string): Edit[] => [
  insertion(node.getStart(), before),
  insertion(node.getEnd(), ')'),
];
