import type { Tree } from '@angular-devkit/schematics';
import type { PermissionName } from './model.js';

/** The permissions that features define, by their names. */
export function permissionsIn(tree: Tree): Map<string, PermissionName> {
  const found = new Map<string, PermissionName>();
  for (const folder of tree.getDir('src').subdirs) {
    const path = `src/${folder}/${folder}.permissions.ts`;
    if (!tree.exists(path)) continue;
    for (const [, constant = '', name = ''] of tree
      .readText(path)
      .matchAll(/export const (\w+) = definePermission\(\s*'([^']+)'/g)) {
      found.set(name, { name, constant, from: `../${folder}/${folder}.permissions.js` });
    }
  }
  return found;
}
