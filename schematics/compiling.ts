import { posix, relative, sep } from 'node:path';
import type { Rule, Tree } from '@angular-devkit/schematics';
import ts from 'typescript';
import { Refusal } from './refusal.js';

/**
 * A rule whose outcome compiles: what it writes is type-checked in memory, with the files that import it, before anything
 * is on the disk. So nothing is left half-written by a name that nobody foresaw.
 * @throws Refusal with the first error.
 */
export function compiling(rule: Rule): Rule {
  return async (tree, context) => {
    await rule(tree, context);
    requireCompiling(tree);
  };
}

/** What does not change between two checks of one process: the declarations of packages. */
const declarations = new Map<string, ts.SourceFile>();

/** The first error of each file that a tree changes, or that imports one which it changes. */
const errorsIn = (tree: Tree): string[] => errorsOf(changesOf(tree), usersOf(tree, changesOf(tree)));

/**
 * The first error of each file that is changed, and of those that use them.
 * @param changed by its path, what each file is; null for one that is deleted.
 */
export function errorsOf(
  changed: ReadonlyMap<string, string | null>,
  users: readonly string[] = [],
  root = process.cwd(),
): string[] {
  const { options } = configIn(root);
  const disk = ts.createCompilerHost(options);
  const at = (path: string): string => relative(root, path).split(sep).join(posix.sep);
  const text = (path: string): string | null | undefined => changed.get(at(path));
  const folders = new Set(
    [...changed]
      .flatMap(([path, content]) => (content === null ? [] : foldersOf(path)))
      .map((path) => `${root}/${path}`),
  );
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => (text(path) === undefined ? disk.fileExists(path) : text(path) !== null),
    readFile: (path) => (text(path) === undefined ? disk.readFile(path) : (text(path) ?? undefined)),
    directoryExists: (path) => folders.has(path) || (disk.directoryExists?.(path) ?? false),
    getSourceFile: (path, language, ...more) => {
      const own = text(path);
      if (own !== undefined) return own === null ? undefined : ts.createSourceFile(path, own, language, true);
      if (!path.endsWith('.d.ts')) return disk.getSourceFile(path, language, ...more);
      const known = declarations.get(path) ?? disk.getSourceFile(path, language, ...more);
      if (known) declarations.set(path, known);
      return known;
    },
  };
  const written = [...changed].filter(([path, content]) => content !== null && path.endsWith('.ts'));
  const roots = [...written.map(([path]) => path), ...users].filter((path) => !path.endsWith('.d.ts'));
  const program = ts.createProgram(
    roots.map((path) => `${root}/${path}`),
    options,
    host,
  );
  return roots.flatMap((path) => {
    const file = program.getSourceFile(`${root}/${path}`);
    const [error] = file ? [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)] : [];
    if (!error) return [];
    const line = file?.getLineAndCharacterOfPosition(error.start ?? 0).line ?? 0;
    return [`${path}:${String(line + 1)}: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`];
  });
}

function requireCompiling(tree: Tree): void {
  const [error] = errorsIn(tree);
  if (error === undefined) return;
  throw new Refusal(
    `What would be written does not compile, so nothing was: ${error}. Choose another name, or change the code that it meets.`,
  );
}

function configIn(root: string): ts.ParsedCommandLine {
  const fail = ({ messageText }: ts.Diagnostic): never => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
  };
  const host: ts.ParseConfigFileHost = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}/tsconfig.json`, { noEmit: true }, host);
  if (!config) throw new Error(`${root}/tsconfig.json can't be read`);
  return config;
}

/** By its path, what each file is that a tree changes; null for one that it deletes. */
function changesOf(tree: Tree): Map<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const action of tree.actions) {
    if (action.kind === 'r') {
      changed.set(action.path.slice(1), null);
      changed.set(action.to.slice(1), tree.readText(action.to));
    } else changed.set(action.path.slice(1), action.kind === 'd' ? null : tree.readText(action.path));
  }
  return changed;
}

/** `src/offers/dto`, `src/offers` and `src` of `src/offers/dto/offer.dto.ts` */
const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, all) => all.slice(0, index + 1).join('/'));

/** The files that import one of those that are changed, by what the import ends with. */
function usersOf(tree: Tree, changed: ReadonlyMap<string, string | null>): string[] {
  const ends = [...changed.keys()]
    .filter((path) => path.endsWith('.ts') && path !== 'src/app.module.ts')
    .map((path) => `/${posix.basename(path, '.ts')}.js'`);
  const users: string[] = [];
  for (const folder of ['src', 'test']) {
    tree.getDir(folder).visit((path) => {
      const own = path.slice(1);
      if (!own.endsWith('.ts') || changed.has(own)) return;
      const text = tree.readText(path);
      if (ends.some((end) => text.includes(end))) users.push(own);
    });
  }
  return users;
}
