import { posix } from 'node:path';
import ts from 'typescript';
import { imports } from '../templates/text.js';
import { insertion, nodesBelow, replacement } from './edits.js';
import type { Sources } from './sources.js';

/** Sees that a file has the names that code from another one uses, imported from where that one has them. */
export function importAs(
  sources: Sources,
  path: string,
  donor: ts.SourceFile,
  code: readonly (ts.Node | string)[],
  moved: ReadonlyMap<string, string> = new Map(),
): void {
  const used = new Set(
    code.flatMap((part) =>
      typeof part === 'string' ? [part] : nodesBelow(part, ts.isIdentifier).map(({ text }) => text),
    ),
  );
  for (const { from, names } of importsOf(donor)) {
    const wanted = names.filter((name) => used.has(localName(name)));
    const module = relocated(from, donor.fileName, path, moved);
    if (wanted.length > 0 && module !== undefined) importNames(sources, path, module, wanted);
  }
}

/** Imports names from a module into a file that has not got them; `type X` for what is only a type. */
function importNames(sources: Sources, path: string, from: string, names: readonly string[]): void {
  const file = sources.parse(path);
  const known = new Set([...importsOf(file).flatMap((one) => one.names.map(localName)), ...declaredIn(file)]);
  const fresh = names.filter((name) => !known.has(localName(name)));
  if (fresh.length === 0) return;
  const there = importsOf(file).find((one) => one.from === from && one.names.length > 0);
  if (there) {
    sources.edit(path, [replacement(there.node, imports({ [from]: [...there.names, ...fresh] }))]);
    return;
  }
  const line = `${imports({ [from]: fresh })}\n`;
  const all = file.statements.filter(ts.isImportDeclaration);
  const later = all.find(({ moduleSpecifier }) => isBefore(from, (moduleSpecifier as ts.StringLiteral).text));
  const last = all.at(-1);
  if (later) sources.edit(path, [insertion(later.getStart(), line)]);
  else if (last) sources.edit(path, [insertion(last.getEnd(), `\n${line.trimEnd()}`)]);
  else sources.edit(path, [insertion(0, `${line}\n`)]);
}

interface Import {
  node: ts.ImportDeclaration;
  from: string;
  /** As the generator lists them: `type Sql`, `default as sql`, `v7 as uuidv7`. */
  names: string[];
}

function importsOf(file: ts.SourceFile): Import[] {
  return file.statements.filter(ts.isImportDeclaration).map((node) => {
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    const onlyTypes = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    const listed = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    const whole = listed.length > 0 && clause?.name ? [`default as ${clause.name.text}`] : [];
    const names = listed.map((element) => `${onlyTypes && !element.isTypeOnly ? 'type ' : ''}${element.getText()}`);
    return { node, from: (node.moduleSpecifier as ts.StringLiteral).text, names: [...whole, ...names] };
  });
}

const localName = (name: string): string => name.replace(/^type /, '').replace(/^.* as /, '');

const declaredIn = (file: ts.SourceFile): string[] =>
  file.statements.flatMap((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map(({ name }) => name.getText())
      : [(statement as ts.Node as ts.NamedDeclaration).name?.getText() ?? ''],
  );

/** Node's own modules first, then packages, then what is farther away before what is near. */
function isBefore(one: string, other: string): boolean {
  const rank = (from: string): number => (from.startsWith('node:') ? 0 : from.startsWith('.') ? 2 : 1);
  return rank(one) === rank(other) ? one < other : rank(one) < rank(other);
}

/** The module seen from another file; undefined when it is that file. */
function relocated(from: string, donor: string, path: string, moved: ReadonlyMap<string, string>): string | undefined {
  if (!from.startsWith('.')) return from;
  const target = posix.join(posix.dirname(donor), from).replace(/\.js$/, '.ts');
  const actual = moved.get(target) ?? target;
  if (actual === path) return undefined;
  const relative = posix.relative(posix.dirname(path), actual).replace(/\.ts$/, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
