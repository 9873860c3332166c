import type { Rule, Tree } from '@angular-devkit/schematics';
import { format, resolveConfig } from 'prettier';
import { withModule } from './app-module.js';
import { filesOf } from './files.js';
import { type Feature, type FeatureOptions, featureOf } from './model.js';
import { Refusal } from './refusal.js';

/** Writes a whole feature, and its line in the table of contents. @throws Refusal before anything is written. */
export function feature(options: FeatureOptions): Rule {
  return async (tree) => {
    const wanted = featureOf(options);
    requireRoom(tree, wanted);
    const app = 'src/app.module.ts';
    const { name } = wanted;
    const files = filesOf(wanted);
    const table = withModule(tree.readText(app), `${name.pascal}Module`, `./${name.kebab}/${name.kebab}.module.js`);
    for (const [path, text] of files) tree.create(path, await formatted(path, text));
    tree.overwrite(app, await formatted(app, table));
    const page = 'docs/architecture.md';
    if (tree.exists(page)) tree.overwrite(page, withLine(tree.readText(page), wanted));
  };
}

/** @throws Refusal when the name is taken, or what is referred to isn’t there. */
function requireRoom(tree: Tree, wanted: Feature): void {
  const { name, one } = wanted;
  if (tree.getDir(`src/${name.kebab}`).subfiles.length > 0) {
    throw new Refusal(`src/${name.kebab}/ is there already: choose another name, or generate a field of it.`);
  }
  tree.getDir('src').visit((path) => {
    if (path.endsWith(`/${one.kebab}.entity.ts`))
      throw new Refusal(`${path.slice(1)} is ${one.pascal} already: choose another name.`);
    if (new RegExp(`^/src/migrations/\\d+-${name.kebab}\\.ts$`).test(path)) {
      throw new Refusal(`${path.slice(1)} makes the table already: choose another name.`);
    }
  });
  requireTargets(tree, wanted);
}

/** @throws Refusal when what a field refers to isn’t there. */
export function requireTargets(tree: Tree, { name, fields }: Feature): void {
  for (const { name: field, target } of fields) {
    if (!target || target.kebab === name.kebab) continue;
    const entities = tree.getDir(`src/${target.kebab}/entities`).subfiles;
    if (entities.length === 0) {
      throw new Refusal(`--field ${field.camel}: there is no feature src/${target.kebab}/ with entities to refer to.`);
    }
  }
}

/** The page with a line for the feature, where its folders are listed; as it is, when they are not. */
function withLine(page: string, { name, fields, owned }: Feature): string {
  const above = /^ {2}(demo|migrations)\/ .*$/m.exec(page);
  if (!above) return page;
  const used = new Set([
    ...(owned ? ['users'] : []),
    ...fields.flatMap(({ target }) => (target ? [target.kebab] : [])),
  ]);
  used.delete(name.kebab);
  const line = `  ${`${name.kebab}/`.padEnd(19)}${name.words.padEnd(used.size > 0 ? 51 : 0)}${used.size > 0 ? `→ ${[...used].join(', ')}` : ''}`;
  return `${page.slice(0, above.index)}${line.trimEnd()}\n${page.slice(above.index)}`;
}

/** The text as `npm run format` would leave it. */
export async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
