import type { Tree } from '@angular-devkit/schematics';
import { formatted } from './formatted.js';

/** The paths of the TypeScript files below a folder, in order. */
export function filesUnder(tree: Tree, folder: string): string[] {
  const dir = tree.getDir(folder);
  const here = dir.subfiles.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  const below = dir.subdirs.filter((name) => name !== 'node_modules' && name !== 'dist');
  return [...here.sort(), ...below.sort().flatMap((name) => filesUnder(tree, `${folder}/${name}`))];
}

/** Writes a file, new or not, as `npm run format` would leave it. */
export async function put(tree: Tree, path: string, text: string): Promise<void> {
  const final = await formatted(path, text);
  if (!tree.exists(path)) tree.create(path, final);
  else if (tree.readText(path) !== final) tree.overwrite(path, final);
}

/** When a new migration is of, in milliseconds since 1970: as given, or now and after those there are. */
export function timestampOf(tree: Tree, given: string | undefined): number {
  const there = filesUnder(tree, 'src/migrations').map((path) => Number(/\/(\d+)-[^/]+$/.exec(path)?.[1] ?? 0));
  return given === undefined ? Math.max(Date.now(), ...there.map((time) => time + 1)) : Number(given);
}
