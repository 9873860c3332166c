import ts from 'typescript';
import { filesOf } from '../files.js';
import { namesOf } from '../model.js';
import {
  additions,
  type Edit,
  intoList,
  intoMembers,
  intoStatements,
  named,
  nameOfNode,
  nodesBelow,
  parsed,
  readOf,
  renamed,
  replacement,
  textOf,
  textOfAddition,
} from './edits.js';
import { importAs } from './imported.js';
import { membersOf, type Shape } from './shape.js';
import { answered, bare, type Found, isClass, isInterface, isVariable, needed, type Sources } from './sources.js';
import { findColumns, withColumns } from './sql.js';

/** The files of a feature that has the new fields and no others: what is taken over from them. */
export class Donors {
  private readonly texts: ReadonlyMap<string, string>;
  /** Where the parts of the feature are that a new one has elsewhere. */
  readonly moved: ReadonlyMap<string, string>;

  /** Whether something is called as a new field is somewhere. */
  readonly isFresh: (name: string) => boolean;

  constructor(private readonly shape: Shape) {
    const names = new Set(['q', ...shape.feature.fields.flatMap(namesOf)]);
    this.isFresh = (name) => names.has(name);
    const { feature, folder, entity, output } = shape;
    this.texts = filesOf(feature);
    this.moved = new Map([
      [`${folder}/entities/${feature.one.kebab}.entity.ts`, entity],
      [`${folder}/dto/${feature.one.kebab}.dto.ts`, output],
    ]);
  }

  /** The donor of a file: `dto/offer.dto.ts`. */
  file(path: string): ts.SourceFile {
    const whole = `${this.shape.folder}/${path}`;
    return parsed(whole, this.texts.get(whole) ?? '');
  }
}

/** What a class has in the feature that has the new fields alone, and where the class stands that they go into. */
interface Transplant {
  path: string;
  class: string;
  donor: ts.SourceFile;
  /** Members that stay behind the new ones. */
  last?: readonly string[];
  /** Members that come before all others. */
  first?: readonly string[];
}

/** Puts the new fields into the entity, what goes out, what comes in and the query. */
export function editMembers(sources: Sources, shape: Shape, donors: Donors): void {
  const { feature, entity, output, input, query } = shape;
  const { one } = feature;
  const entityDonor = donors.file(`entities/${one.kebab}.entity.ts`);
  putStatements(sources, entity, entityDonor, feature.entity, donors);
  putMembers(sources, donors, { path: entity, class: feature.entity, donor: entityDonor, last: ['deletedAt'] });
  const outputDonor = donors.file(`dto/${one.kebab}.dto.ts`);
  putMembers(sources, donors, { path: output, class: `${one.pascal}Dto`, donor: outputDonor });
  putIntoColumns(sources, shape);
  putIntoRow(sources, shape, donors, outputDonor);
  putIntoMapper(sources, shape, donors, outputDonor);
  if (input !== undefined) editInput(sources, shape, donors, input);
  if (query !== undefined) editQuery(sources, shape, donors, query);
}

function putMembers(sources: Sources, donors: Donors, { path, donor, last, first = [], ...to }: Transplant): void {
  const from = nodesBelow(donor, isClass(to.class))[0];
  const { node } = needed(sources.find(path, isClass(to.class))[0], path, `class ${to.class}`);
  if (!from) return;
  const added = additions(named(from.members), named(node.members), last, donors.isFresh);
  const isFirst = (member: ts.Node): boolean => first.includes(nameOfNode(member));
  const edits = added.flatMap(({ nodes, before }) => [
    ...nodes.filter(isFirst).map((member) => intoMembers(node, textOf(member), node.members[0])),
    ...nodes.filter((member) => !isFirst(member)).map((member) => intoMembers(node, textOf(member), before)),
  ]);
  sources.edit(path, edits);
  const nodes = added.flatMap((addition) => addition.nodes);
  importAs(sources, path, donor, nodes, donors.moved);
}

/** The constants that a class stands on: the values of an enum. */
function putStatements(sources: Sources, path: string, donor: ts.SourceFile, before: string, donors: Donors): void {
  const file = sources.parse(path);
  const isOther = (node: ts.Statement): boolean => !ts.isImportDeclaration(node);
  const from = named(donor.statements.filter(isOther));
  const added = additions(from, named(file.statements.filter(isOther))).filter(({ nodes }) => nodes.length > 0);
  const at = nodesBelow(file, isClass(before))[0];
  sources.edit(
    path,
    added.map((addition) => intoStatements(file, textOfAddition(addition), addition.before ?? at)),
  );
  importAs(
    sources,
    path,
    donor,
    added.flatMap(({ nodes }) => nodes),
    donors.moved,
  );
}

function putIntoRow(sources: Sources, { feature, folder }: Shape, donors: Donors, donor: ts.SourceFile): void {
  const name = `${feature.one.pascal}Row`;
  const from = nodesBelow(donor, isInterface(name))[0];
  const into = sources.find(folder, isInterface(name))[0];
  // without one, the entity itself is what queries give
  if (!from || !into) return;
  const added = additions(named(from.members), named(into.node.members), [], donors.isFresh);
  sources.edit(
    into.path,
    added.map((addition) => intoMembers(into.node, textOfAddition(addition), addition.before)),
  );
  importAs(
    sources,
    into.path,
    donor,
    added.flatMap(({ nodes }) => nodes),
    donors.moved,
  );
}

function putIntoMapper(sources: Sources, { feature, folder }: Shape, donors: Donors, donor: ts.SourceFile): void {
  const name = `to${feature.one.pascal}Dto`;
  const isMapper = (node: ts.Node): node is ts.VariableDeclaration | ts.FunctionDeclaration =>
    isVariable(name)(node) || (ts.isFunctionDeclaration(node) && node.name?.text === name);
  const found = needed(sources.find(folder, isMapper)[0], folder, `a function ${name}`);
  const mapper = ts.isVariableDeclaration(found.node) ? bare(found.node.initializer) : found.node;
  const what = `an object that ${name} answers with`;
  const object = needed(mapper && answered(mapper), found.path, what);
  const donorMapper = nodesBelow(donor, isVariable(name))[0]?.initializer;
  const from = donorMapper && answered(donorMapper);
  const [parameter] = mapper && ts.isFunctionLike(mapper) ? mapper.parameters : [];
  if (!from || !parameter) return;
  const added = additions(named(from.properties), named(object.properties), [], donors.isFresh);
  const pattern = ts.isObjectBindingPattern(parameter.name) ? parameter.name : undefined;
  const at = (member: string): string => (pattern ? member : `${parameter.name.getText()}.${member}`);
  const edits = added.flatMap(({ nodes, before }) =>
    intoList(object.properties, nodes.map((node) => renamed(node, 'row', at)).join(', '), before),
  );
  const bound = pattern
    ? readOf(
        added.flatMap(({ nodes }) => nodes),
        'row',
      )
    : [];
  if (pattern && bound.length > 0) edits.push(...intoList(pattern.elements, bound.join(', ')));
  sources.edit(found.path, edits);
}

function putIntoColumns(sources: Sources, { feature, folder, parts }: Shape): void {
  const { one } = feature;
  const row =
    sources.find(folder, isInterface(`${one.pascal}Row`))[0] ?? sources.find(folder, isClass(feature.entity))[0];
  const members = row ? membersOf(row) : [];
  const columns = needed(findColumns(sources, folder, members), folder, `raw(\`…\`) with the columns of ${one.pascal}`);
  sources.edit(
    columns.path,
    withColumns(
      columns,
      parts.flatMap(({ selected }) => selected),
    ),
  );
}

/** What a new one is made of, and what a change says in another way. */
function editInput(sources: Sources, shape: Shape, donors: Donors, path: string): void {
  const { one } = shape.feature;
  const donor = donors.file(`dto/${one.kebab}-input.dto.ts`);
  const [create, update] = [`Create${one.pascal}Dto`, `Update${one.pascal}Dto`];
  putMembers(sources, donors, { path, class: create, donor });
  const changing = needed(sources.find(shape.folder, isClass(update))[0], shape.folder, `class ${update}`);
  const base = (changing.node.heritageClauses ?? [])
    .flatMap(({ types }) => types)
    .flatMap((type) => nodesBelow(type, ts.isIdentifier))
    .find(({ text }) => text === create);
  needed(base, changing.path, `class ${update} extends PartialType(… ${create} …)`);
  const replaced = shape.parts.filter(({ change }) => change).map(({ member }) => `'${member}'`);
  const constant = donor.statements.find((statement) => nameOfNode(statement) === 'REPLACED');
  if (base && constant) sources.edit(changing.path, withReplaced(changing, base, replaced, textOf(constant)));
  putMembers(sources, donors, { path: changing.path, class: update, donor });
  if (replaced.length > 0) importAs(sources, changing.path, donor, ['OmitType']);
}

/** Has a class leave out, of the class that it is made of, members that it says in another way. */
function withReplaced(
  { file, node }: Found<ts.ClassDeclaration>,
  base: ts.Identifier,
  members: string[],
  constant: string,
): Edit[] {
  const omitting = base.parent;
  const isOmitting = ts.isCallExpression(omitting) && omitting.expression.getText() === 'OmitType';
  if (!isOmitting) {
    return [intoStatements(file, constant, node), replacement(base, `OmitType(${base.text}, REPLACED)`)];
  }
  const list = arrayOf(file, omitting.arguments[1]);
  return intoList(
    needed(list, file.fileName, `the list of what OmitType(${base.text}, …) leaves out`).elements,
    members.join(', '),
  );
}

/** The array that an expression is: in place, or by the name of a constant. */
function arrayOf(file: ts.SourceFile, node: ts.Expression | undefined): ts.ArrayLiteralExpression | undefined {
  const value = bare(node);
  if (value && ts.isArrayLiteralExpression(value)) return value;
  if (!value || !ts.isIdentifier(value)) return undefined;
  const constant = bare(nodesBelow(file, isVariable(value.text))[0]?.initializer);
  return constant && ts.isArrayLiteralExpression(constant) ? constant : undefined;
}

/** The filters and orders of the list. */
function editQuery(sources: Sources, { feature, parts }: Shape, donors: Donors, path: string): void {
  const { one } = feature;
  const donor = donors.file(`dto/${one.kebab}-query.dto.ts`);
  putMembers(sources, donors, { path, class: `${one.pascal}Query`, donor, first: ['q'], last: ['sort'] });
  const sorts = parts.flatMap(({ sort }) => (sort ? [`'${sort.name}'`, `'-${sort.name}'`] : []));
  if (sorts.length === 0) return;
  const type = sources.find(path, ts.isTypeAliasDeclaration).find(({ node }) => node.name.text === `${one.pascal}Sort`);
  const constant = type && nodesBelow(type.node, ts.isTypeQueryNode)[0]?.exprName;
  const list = type && constant && ts.isIdentifier(constant) ? arrayOf(type.file, constant) : undefined;
  const orders = needed(list, path, `type ${one.pascal}Sort = (typeof SORTS)[number], and the list SORTS`).elements;
  const before = orders.find((order) => ts.isStringLiteral(order) && order.text === 'createdAt');
  sources.edit(path, intoList(orders, sorts.join(', '), before));
}
