import ts from 'typescript';
import { additions, insertion, intoList, named, nameOfNode, textOf } from './edits.js';
import { importAs } from './imported.js';
import type { Donors } from './members.js';
import type { Shape } from './shape.js';
import { type Found, needed, type Sources, takes } from './sources.js';

/** Says that values of new fields may be taken: a problem for each that is unique, and the operations that have it. */
export function editProblems(sources: Sources, shape: Shape, donors: Donors): void {
  const { feature, errors } = shape;
  if (feature.readOnly) return;
  const donor = donors.file(`${feature.name.kebab}.errors.ts`);
  const fresh = donor.statements.filter(ts.isVariableStatement);
  if (fresh.length === 0) return;
  if (sources.has(errors)) {
    const file = sources.parse(errors);
    const added = additions(named(fresh), named(file.statements)).flatMap(({ nodes }) => nodes);
    const end = file.statements.at(-1)?.getEnd() ?? file.getEnd();
    sources.edit(errors, [insertion(end, added.map((node) => `\n${textOf(node)}`).join(''))]);
    importAs(sources, errors, donor, added);
  } else sources.write(errors, donor.text);

  const names = fresh.map(nameOfNode);
  for (const kind of ['Create', 'Update']) declare(sources, shape, donors, `${kind}${feature.one.pascal}Dto`, names);
}

/** Adds to what an operation says can go wrong in it. */
function declare(sources: Sources, shape: Shape, donors: Donors, type: string, names: string[]): void {
  const { feature, folder } = shape;
  const donor = donors.file(`${feature.name.kebab}.controller.ts`);
  const isRoute = ({ node }: Found<ts.Node>): boolean =>
    ts.isMethodDeclaration(node) && decoratorsOf(node).some((one) => /^(Post|Put|Patch)$/.test(calledIn(one)));
  const found = needed(
    sources.find(folder, takes(type)).find(isRoute),
    folder,
    `a controller's method that takes ${type}`,
  );
  const decorators = ts.isMethodDeclaration(found.node) ? decoratorsOf(found.node) : [];
  const problems = decorators.find((one) => calledIn(one) === 'Problems')?.expression;
  if (problems && ts.isCallExpression(problems)) {
    const before = problems.arguments.find((problem) => problem.getText() === 'Forbidden');
    sources.edit(found.path, intoList(problems.arguments, names.join(', '), before));
  } else {
    const last = decorators.at(-1)?.getEnd() ?? found.node.getStart();
    sources.edit(found.path, [insertion(last, `\n@Problems(${names.join(', ')})\n`)]);
  }
  importAs(sources, found.path, donor, ['Problems', ...names], donors.moved);
}

const decoratorsOf = (node: ts.MethodDeclaration): readonly ts.Decorator[] => ts.getDecorators(node) ?? [];
const calledIn = ({ expression }: ts.Decorator): string =>
  ts.isCallExpression(expression) ? expression.expression.getText() : expression.getText();
