import ts from 'typescript';
import { nameOf } from '../names.js';
import type { Part } from '../parts/part.js';
import {
  additions,
  type Edit,
  insertion,
  intoList,
  intoMembers,
  intoStatements,
  named,
  nameOfNode,
  nodesBelow,
  replacement,
  startOf,
  textOf,
} from './edits.js';
import { asPlain, asWhole, bind, type Binding, type Given, givenOf, takeOut, wholesIn, wrapped } from './given.js';
import { importAs } from './imported.js';
import type { Donors } from './members.js';
import { methodsThatTake, repositoryOf, type Shape } from './shape.js';
import { bare, type Found, isVariable, needed, type Sources } from './sources.js';
import { insertedBy, isSqlText, type SqlText, withInserted } from './sql.js';

type Kind = 'Create' | 'Update';

/** How a method writes a row. */
interface Write {
  /** What stores the row: `this.offers.insert(…)`, `run(…)`. */
  call: ts.CallExpression;
  /** What it is made of, when a repository stores it. */
  value?: ts.Expression;
  /** The statement, when it is SQL. */
  insert?: SqlText;
}

interface Writer extends Found<ts.MethodDeclaration> {
  given: Given;
  write: Write;
}

const STORING = ['insert', 'save', 'update', 'upsert'];
const MAKING = [...STORING, 'create', 'merge'];

/** Has the service of a feature write new fields, and say what the table refuses of them. */
export class Writes {
  private readonly donor: ts.SourceFile;

  constructor(
    private readonly sources: Sources,
    private readonly shape: Shape,
    private readonly donors: Donors,
  ) {
    this.donor = donors.file(`${shape.feature.name.kebab}.service.ts`);
  }

  edit(): void {
    const { parts } = this.shape;
    for (const kind of ['Create', 'Update'] as const) {
      for (const part of parts) {
        if (part.field.type === 'refs') this.place(kind, part);
        else if (part.field.type === 'json') this.writeFacts(kind, part);
        else this.write(kind, part);
      }
    }
    this.putMethods();
    this.putColumnsOf();
    this.putRefusals();
  }

  /** The method that makes or changes one, as it is now. */
  private writer(kind: Kind): Writer {
    const { folder, feature } = this.shape;
    const type = `${kind}${feature.one.pascal}Dto`;
    const what = `a method of a service that takes ${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}`;
    const methods = methodsThatTake(this.sources, folder, type);
    const first = needed(methods[0], folder, what);
    const writers = methods.flatMap((method) => {
      const given = givenOf(method.node, type);
      const write = writeOf(method.node, given, feature.entity, feature.name.snake, kind);
      return write ? [{ ...method, given, write }] : [];
    });
    const how =
      kind === 'Create'
        ? `this.<repository>.insert({ … }), or INSERT INTO ${feature.name.snake} (…) VALUES (…),`
        : 'this.<repository>.update(id, …)';
    return needed(writers[0], first.path, `${how} in a method that takes ${type}`);
  }

  private write(kind: Kind, part: Part): void {
    const { path, node, given, write } = this.writer(kind);
    const carriers = write.value ? wholesIn(write.value, given) : [];
    if (carriers.length > 0) {
      const raw = carriers.filter(
        ({ parent }) => !(ts.isCallExpression(parent) && parent.expression.getText() === 'columnsOf'),
      );
      const whole = raw.length > 0 && isConverted(part) ? asWhole(given) : [];
      const columns = isConverted(part) ? raw.flatMap((carrier) => wrapped(carrier, 'columnsOf(')) : [];
      this.sources.edit(path, [...whole, ...columns]);
      return;
    }
    const initial = kind === 'Create' && write.insert && part.field.optional ? 'null' : '';
    const { edits, called } = bind(given, [part.member], initial);
    const name = called(part.member);
    const values =
      part.field.type === 'money' ? [`\${${name}.amount}`, `\${${name}.currency}`] : [`\${${orNull(name, part)}}`];
    this.sources.edit(path, [...edits, ...this.written(node, write, part, values, propertyOf(part, name))]);
  }

  /** Facts by name: a new row has all that are given, a change is merged with those there are. */
  private writeFacts(kind: Kind, part: Part): void {
    const of = part.member;
    const initial = kind === 'Create' ? '{}' : '';
    const name = this.apart(kind, of, initial, () => false);
    const { path, node, write } = this.writer(kind);
    const whole = name === of ? name : `${name} ?? {}`;
    if (kind === 'Create') {
      const property = name === of ? of : `${of}: ${whole}`;
      this.sources.edit(path, this.written(node, write, part, [`\${JSON.stringify(${whole})}`], property));
      return;
    }
    const locked = needed(lockedIn(node), path, 'requireVersion(expected, <the row>.version)');
    const merged = `...(${name} && { ${of}: mergeAttributes(${locked}.${of}, ${name}, '${of}') })`;
    this.sources.edit(path, this.written(node, write, part, [], merged));
    importAs(this.sources, path, this.donor, ['mergeAttributes']);
  }

  /** A list of references has a table of its own, written in addition to the row. */
  private place(kind: Kind, part: Part): void {
    const of = part.member;
    const initial = kind === 'Create' ? '[]' : '';
    const name = this.apart(kind, of, initial, (other) => !other.endsWith('Ids'));
    const { path, node, write } = this.writer(kind);
    const put = (ids: string): string =>
      `await mapConstraintErrors(CONSTRAINT_ERRORS, this.put${part.field.name.pascal}(id, ${ids}));`;
    const statement = needed(statementOf(write.call), path, 'a statement that writes the row');
    if (kind === 'Update') {
      this.sources.edit(path, [between(previous(statement), statement, `if (${name}) ${put(name)}`)]);
      return;
    }
    needed(nodesBelow(node, isVariable('id'))[0], path, 'const id = … in the method that makes one');
    const last = lastPut(statement);
    this.sources.edit(path, [between(last, next(last), put(name === of ? name : `${name} ?? []`))]);
  }

  /** What a member is called that is written in another way than the others; it is taken out of them. */
  private apart(kind: Kind, member: string, initial: string, before: (name: string) => boolean): string {
    const { path, node, given, write } = this.writer(kind);
    const carriers = write.value ? wholesIn(write.value, given) : [];
    const isWhole = !given.pattern && carriers.length > 0;
    const binding: Binding = isWhole ? takeOut(node, given, member, initial) : bind(given, [member], initial, before);
    this.sources.edit(path, isWhole ? binding.edits : [...binding.edits, ...asPlain(node, given)]);
    return binding.called(member);
  }

  /** The edits that put a value into what is written: its property into an object, or its columns into the statement. */
  private written(method: ts.Node, write: Write, part: Part, values: string[], property: string): Edit[] {
    const { name } = this.shape.feature;
    const { value, insert } = write;
    if (insert) {
      const columns = part.columns.map((column) => nameOf(column.name).snake);
      return withInserted(insert, name.snake, columns, values) ?? [];
    }
    if (value && ts.isObjectLiteralExpression(value)) return intoList(value.properties, property);
    const whole = needed(value, method.getSourceFile().fileName, 'what is written');
    return [insertion(whole.getStart(), '{ ...'), insertion(whole.getEnd(), `, ${property} }`)];
  }

  /** The methods that write lists of references. */
  private putMethods(): void {
    const { feature, parts } = this.shape;
    const names = parts.filter(({ field }) => field.type === 'refs').map(({ field }) => `put${field.name.pascal}`);
    for (const name of names) {
      const { path, node } = this.writer('Create');
      const method = nodesBelow(this.donor, ts.isMethodDeclaration).find((one) => one.name.getText() === name);
      const repository = repositoryOf(node, feature.entity) ?? feature.name.camel;
      if (!method || !ts.isClassDeclaration(node.parent)) continue;
      const text = textOf(method).replaceAll(`this.${feature.name.camel}.`, `this.${repository}.`);
      this.sources.edit(path, [intoMembers(node.parent, text)]);
      importAs(this.sources, path, this.donor, [method]);
    }
  }

  /** What makes columns of values that go out in another form than they are kept in. */
  private putColumnsOf(): void {
    const { parts } = this.shape;
    const { path, file } = this.writer('Create');
    const [there] = nodesBelow(file, isVariable('columnsOf'));
    const [fresh] = nodesBelow(this.donor, isVariable('columnsOf'));
    if (!there && fresh && nodesBelow(file, ts.isIdentifier).some(({ text }) => text === 'columnsOf')) {
      putStatement(this.sources, path, this.donor, 'columnsOf', this.donors.moved);
    } else if (there && fresh) {
      const [into, from] = [partsOfColumnsOf(there, path), partsOfColumnsOf(fresh, path)];
      const rest = into.elements.find(({ dotDotDotToken }) => dotDotDotToken);
      const names = parts.filter(isConverted).map(({ member }) => member);
      this.sources.edit(path, [
        ...intoList(into.elements, names.join(', '), rest),
        ...intoList(
          into.properties,
          from.properties
            .slice(1)
            .map((property) => property.getText())
            .join(', '),
        ),
      ]);
    }
    if (parts.some(isConverted) || parts.some(isApart)) this.leaveOut();
  }

  /** Has `columnsOf` take changes without what is taken out of them. */
  private leaveOut(): void {
    const type = `Update${this.shape.feature.one.pascal}Dto`;
    const { path, file, given } = this.writer('Update');
    const columnsOf = bare(nodesBelow(file, isVariable('columnsOf'))[0]?.initializer);
    const taken = columnsOf && ts.isArrowFunction(columnsOf) ? columnsOf.parameters[0]?.type : undefined;
    if (!taken?.getText().includes(type)) return;
    const there = nodesBelow(taken, ts.isStringLiteral).map(({ text }) => text);
    const out = (given.pattern?.elements ?? [])
      .filter(({ dotDotDotToken }) => !dotDotDotToken)
      .map(({ propertyName, name }) => (propertyName ?? name).getText());
    const omitted = [...new Set([...there, ...out])].map((name) => `'${name}'`).join(' | ');
    if (omitted !== '') this.sources.edit(path, [replacement(taken, `Omit<${type}, ${omitted}>`)]);
  }

  /** What the table refuses, in words, and the writes that it may refuse. */
  private putRefusals(): void {
    const [fresh] = nodesBelow(this.donor, isVariable('CONSTRAINT_ERRORS'));
    if (!fresh) return;
    const { path, file } = this.writer('Create');
    const there = nodesBelow(file, ts.isVariableDeclaration).find(({ type }) => type?.getText() === 'ConstraintErrors');
    const [into, from] = [bare(there?.initializer), bare(fresh.initializer)];
    if (into && from && ts.isObjectLiteralExpression(into) && ts.isObjectLiteralExpression(from)) {
      const unique = into.properties.find((property) => isOfUnique(nameOfNode(property)));
      const added = additions(named(from.properties), named(into.properties)).flatMap(({ nodes }) => nodes);
      const isLast = (node: ts.Node): boolean => isOfUnique(nameOfNode(node));
      const put = (nodes: ts.Node[], before?: ts.Node): Edit[] =>
        nodes.length > 0 ? intoList(into.properties, nodes.map((node) => textOf(node)).join(', '), before) : [];
      const references = added.filter((node) => !isLast(node));
      this.sources.edit(path, [...put(references, unique), ...put(added.filter(isLast))]);
    } else {
      putStatement(this.sources, path, this.donor, 'CONSTRAINT_ERRORS', this.donors.moved);
    }
    for (const kind of ['Create', 'Update'] as const) this.mind(kind, there?.name.getText() ?? 'CONSTRAINT_ERRORS');
    importAs(this.sources, path, this.donor, [fresh, 'mapConstraintErrors', 'ConstraintErrors'], this.donors.moved);
  }

  private mind(kind: Kind, refusals: string): void {
    const { path, write } = this.writer(kind);
    const { parent } = write.call;
    const isMinded =
      ts.isCallExpression(parent) &&
      parent.expression.getText() === 'mapConstraintErrors' &&
      parent.arguments[0]?.getText() === refusals;
    if (!isMinded) this.sources.edit(path, wrapped(write.call, `mapConstraintErrors(${refusals}, `));
  }
}

/** References come before what is unique. */
const isOfUnique = (constraint: string): boolean => /_unique(_of_owner)?$/.test(constraint);
const isConverted = ({ field }: Part): boolean => field.type === 'money' || field.type === 'date-time';
const isApart = ({ field }: Part): boolean => field.type === 'json' || field.type === 'refs';
const orNull = (name: string, { field, member }: Part): string =>
  field.optional && name !== member ? `${name} ?? null` : name;

/** A value as a property of what a repository writes; where nothing is given, nothing is written. */
function propertyOf({ field, member: of }: Part, name: string): string {
  if (field.type === 'money') return `...(${name} && { ${of}Amount: ${name}.amount, ${of}Currency: ${name}.currency })`;
  if (field.type === 'date-time') {
    const time = `${field.optional ? `${name} === null ? null : ` : ''}new Date(${name})`;
    return `...(${name} !== undefined && { ${of}: ${time} })`;
  }
  return name === of ? of : `${of}: ${name}`;
}

/** How a method writes what it is given; undefined when it doesn't. */
function writeOf(
  method: ts.MethodDeclaration,
  given: Given,
  entity: string,
  table: string,
  kind: Kind,
): Write | undefined {
  const repository = repositoryOf(method, entity);
  const calls = nodesBelow(method, ts.isCallExpression).filter(
    ({ expression }) =>
      ts.isPropertyAccessExpression(expression) &&
      expression.expression.getText() === `this.${repository ?? ''}` &&
      MAKING.includes(expression.name.text),
  );
  const storing = calls.filter(({ expression }) =>
    STORING.includes((expression as ts.PropertyAccessExpression).name.text),
  );
  const valued = calls.flatMap((call) => {
    const value = call.arguments.at(-1);
    return value ? [{ value, carries: wholesIn(value, given).length > 0 }] : [];
  });
  const value =
    valued.findLast(({ carries }) => carries)?.value ??
    valued.find((one) => ts.isObjectLiteralExpression(one.value))?.value;
  const [call] = storing;
  if (call && value) return { call, value };
  if (kind === 'Update') return undefined;
  const insert = nodesBelow(method, isSqlText).find((text) => insertedBy(text, table) !== undefined);
  const sent = insert && nearest(insert, ts.isCallExpression);
  return insert && sent ? { call: sent, insert } : undefined;
}

function nearest<N extends ts.Node>(node: ts.Node, test: (node: ts.Node) => node is N): N | undefined {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) if (test(at)) return at;
  return undefined;
}

/** The statement of a block that an expression is part of. */
function statementOf(node: ts.Node): ts.Statement | undefined {
  const isOfBlock = (one: ts.Node): one is ts.Statement => ts.isBlock(one.parent);
  return nearest(node, isOfBlock);
}

/** The last of the statements behind a write that write lists. */
function lastPut(write: ts.Statement): ts.Statement {
  const { statements } = write.parent as ts.Block;
  const behind = statements.slice(statements.indexOf(write) + 1);
  const others = behind.findIndex((statement) => !/^await [^;]*this\.put[A-Z]/.test(statement.getText()));
  return (others < 0 ? behind : behind.slice(0, others)).at(-1) ?? write;
}

const previous = (node: ts.Statement): ts.Statement | undefined => neighbor(node, -1);
const next = (node: ts.Statement): ts.Statement | undefined => neighbor(node, 1);

function neighbor(node: ts.Statement, way: number): ts.Statement | undefined {
  const { statements } = node.parent as ts.Block;
  return statements[statements.indexOf(node) + way];
}

/** Puts a statement between two, of which one may be missing. */
function between(one: ts.Statement | undefined, other: ts.Statement | undefined, text: string): Edit {
  const [start, end] = [one?.getEnd(), other && startOf(other)];
  if (start === undefined) return insertion(end ?? 0, `${text}\n`);
  const gap = end === undefined ? undefined : one?.getSourceFile().text.slice(start, end);
  if (end === undefined || gap?.trim() !== '') return insertion(start, `\n${text}`);
  return { start, end, text: `\n${text}\n` };
}

/** What a method calls the row that it has locked: it compares its version. */
function lockedIn(method: ts.MethodDeclaration): string | undefined {
  return nodesBelow(method, ts.isCallExpression)
    .filter(({ expression }) => expression.getText() === 'requireVersion')
    .map(({ arguments: [, version] }) => version)
    .filter((version) => version !== undefined)
    .filter(ts.isPropertyAccessExpression)
    .map(({ expression }) => expression)
    .find(ts.isIdentifier)?.text;
}

/** Takes over a constant, to where the donor has it among the others. */
export function putStatement(
  sources: Sources,
  path: string,
  donor: ts.SourceFile,
  name: string,
  moved: ReadonlyMap<string, string>,
): void {
  const file = sources.parse(path);
  const all = named(donor.statements);
  const [only] = additions(all, named(file.statements)).flatMap(({ nodes, before }) =>
    nodes.filter((node) => all.some((one) => one.node === node && one.name === name)).map((node) => ({ node, before })),
  );
  if (!only) return;
  sources.edit(path, [intoStatements(file, textOf(only.node), only.before)]);
  importAs(sources, path, donor, [only.node], moved);
}

/** What `columnsOf` takes apart, and what it makes of it. */
function partsOfColumnsOf(
  node: ts.VariableDeclaration,
  path: string,
): { elements: ts.NodeArray<ts.BindingElement>; properties: ts.NodeArray<ts.Node> } {
  const fn = bare(node.initializer);
  const arrow = fn && ts.isArrowFunction(fn) ? fn : undefined;
  const pattern = arrow?.parameters[0]?.name;
  const object = arrow && !ts.isBlock(arrow.body) ? bare(arrow.body) : undefined;
  const what = 'const columnsOf = ({ …, ...plain }) => ({ ...plain, … })';
  return {
    elements: needed(pattern && ts.isObjectBindingPattern(pattern) ? pattern : undefined, path, what).elements,
    properties: needed(object && ts.isObjectLiteralExpression(object) ? object : undefined, path, what).properties,
  };
}
