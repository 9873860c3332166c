import ts from 'typescript';

/** The names that code uses for what is declared elsewhere: not those of members, nor of its own variables, nor words in texts and comments. */
export function usedIn(code: string): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (node: ts.Node, own: ReadonlySet<string>): void => {
    if (ts.isIdentifier(node) && !isMemberName(node) && !own.has(node.text)) used.add(node.text);
    const inside = ts.isFunctionLike(node) ? new Set([...own, ...variablesOf(node)]) : own;
    ts.forEachChild(node, (child) => {
      visit(child, inside);
    });
  };
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true), new Set());
  return used;
}

/** What the parameters and the constants of a function are called; those of the functions in it are theirs. */
function variablesOf(whole: ts.SignatureDeclaration): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const declares = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node);
    if (declares && ts.isIdentifier(node.name) && !isProperty(node)) names.push(node.name.text);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(whole, visit);
  return names;
}

/** Whether it is a parameter of a constructor that becomes a property: it is called by `this`. */
const isProperty = (node: ts.Node): boolean => ts.isParameterPropertyDeclaration(node, node.parent);

/** Whether an identifier says which member of something is meant. */
const isMemberName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) ||
    ts.isPropertyAssignment(node.parent) ||
    ts.isPropertyDeclaration(node.parent) ||
    ts.isPropertySignature(node.parent) ||
    ts.isMethodDeclaration(node.parent) ||
    isProperty(node.parent)) &&
  'name' in node.parent &&
  node.parent.name === node;

/** Imports, one line each, of what is used: of packages as they are given, then of files in the order of their paths. */
export function imports(used: Record<string, readonly string[]>): string {
  const isFile = ([from]: [string, unknown]): boolean => from.startsWith('.');
  const all = Object.entries(used);
  const files = all.filter(isFile).sort(([one], [other]) => (one < other ? -1 : 1));
  return [...all.filter((entry) => !isFile(entry)), ...files]
    .map(([from, names]): [string, string[]] => [
      from,
      [...new Set(names)].sort((a, b) => plainName(a).localeCompare(plainName(b))),
    ])
    .filter(([, names]) => names.length > 0)
    .map(([from, names]) => {
      const onlyTypes = names.every((name) => name.startsWith('type '));
      const list = names
        .filter((name) => !name.startsWith(DEFAULT))
        .map((name) => (onlyTypes ? plainName(name) : name));
      const [whole] = names.filter((name) => name.startsWith(DEFAULT)).map((name) => `${name.slice(DEFAULT.length)}, `);
      return `import ${onlyTypes ? 'type ' : ''}${whole ?? ''}{ ${list.join(', ')} } from '${from}';`;
    })
    .join('\n');
}

/** How the default export of a module is named among the others. */
const DEFAULT = 'default as ';

const plainName = (name: string): string => name.replace(/^type /, '');

/** A comment of these lines, if there are any. */
export const docOf = (lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : lines.length === 1
      ? `/** ${lines[0] ?? ''} */\n`
      : `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;

/** Decorators, a line each. */
export const decorated = (decorators: readonly string[]): string =>
  decorators.map((decorator) => `@${decorator}\n`).join('');

/** Columns in lines that a reader takes in. */
export function inLines(columns: readonly string[]): string {
  const lines: string[] = [];
  for (const column of columns) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + column.length < 110) lines[lines.length - 1] = `${line}, ${column}`;
    else lines.push(column);
  }
  return lines.join(',\n  ');
}

/** With a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
