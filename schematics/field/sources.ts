import type { Tree } from '@angular-devkit/schematics';
import ts from 'typescript';
import { Refusal } from '../refusal.js';
import { type Edit, edited, nodesBelow, parsed } from './edits.js';

/** A node, and the file that it stands in. */
export interface Found<N extends ts.Node> {
  path: string;
  file: ts.SourceFile;
  node: N;
}

/** Files while they are being edited: the tree has them when all is done. */
export class Sources {
  private readonly texts = new Map<string, string>();
  private readonly files = new Map<string, ts.SourceFile>();

  constructor(private readonly tree: Tree) {}

  has(path: string): boolean {
    return this.texts.has(path) || this.tree.exists(path);
  }

  read(path: string): string {
    return this.texts.get(path) ?? this.tree.readText(path);
  }

  /** The file as it is now; nodes of it are stale once it is edited. */
  parse(path: string): ts.SourceFile {
    const file = this.files.get(path) ?? parsed(path, this.read(path));
    this.files.set(path, file);
    return file;
  }

  write(path: string, text: string): void {
    this.texts.set(path, text);
    this.files.delete(path);
  }

  edit(path: string, edits: readonly Edit[]): void {
    if (edits.length > 0) this.write(path, edited(this.read(path), edits));
  }

  /** The TypeScript below a folder, in order. */
  under(folder: string): string[] {
    const dir = this.tree.getDir(folder);
    const here = dir.subfiles.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
    const below = dir.subdirs.filter((name) => name !== 'node_modules' && name !== 'dist');
    return [...here.sort(), ...below.sort().flatMap((name) => this.under(`${folder}/${name}`))];
  }

  /** The nodes for which a test holds, in the files of a folder but its specs, or in one file. */
  find<N extends ts.Node>(where: string, test: (node: ts.Node) => node is N): Found<N>[] {
    const paths = where.endsWith('.ts')
      ? [where].filter((path) => this.has(path))
      : this.under(where).filter((path) => !path.endsWith('.spec.ts'));
    return paths.flatMap((path) => {
      const file = this.parse(path);
      return nodesBelow(file, test).map((node) => ({ path, file, node }));
    });
  }

  /** Hands the tree what was written, by a function that forms the text of a path. */
  async give(formed: (path: string, text: string) => Promise<string>): Promise<void> {
    const all = await Promise.all(
      [...this.texts].map(async ([path, text]) => [path, await formed(path, text)] as const),
    );
    for (const [path, text] of all) {
      if (!this.tree.exists(path)) this.tree.create(path, text);
      else if (this.tree.readText(path) !== text) this.tree.overwrite(path, text);
    }
  }
}

/** What was found. @throws Refusal that says where it was looked for, and what. */
export function needed<T>(found: T | undefined, where: string, what: string): T {
  if (found === undefined) throw new Refusal(`${where}: looked for ${what}, and found none. Nothing was written.`);
  return found;
}

export const isClass =
  (name: string) =>
  (node: ts.Node): node is ts.ClassDeclaration =>
    ts.isClassDeclaration(node) && node.name?.text === name;

export const isInterface =
  (name: string) =>
  (node: ts.Node): node is ts.InterfaceDeclaration =>
    ts.isInterfaceDeclaration(node) && node.name.text === name;

/** A function or method that takes something of a type. */
export const takes =
  (type: string) =>
  (node: ts.Node): node is ts.MethodDeclaration | ts.FunctionDeclaration | ts.ArrowFunction =>
    (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isArrowFunction(node)) &&
    node.parameters.some((parameter) => parameter.type?.getText() === type);

/** The declaration of a variable that is called so. */
export const isVariable =
  (name: string) =>
  (node: ts.Node): node is ts.VariableDeclaration =>
    ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name;

/** An expression without the parentheses, `as const` and `satisfies` around it. */
export function bare(node: ts.Expression | undefined): ts.Expression | undefined {
  if (node && (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))) {
    return bare(node.expression);
  }
  return node;
}

/** The object that a function answers with, whether by an arrow or by its last `return`. */
export function answered(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
    const value = bare(node.body);
    return value && ts.isObjectLiteralExpression(value) ? value : undefined;
  }
  const last = nodesBelow(node, ts.isReturnStatement).at(-1);
  const value = bare(last?.expression);
  return value && ts.isObjectLiteralExpression(value) ? value : undefined;
}
