import type { Tree } from '@angular-devkit/schematics';
import type { Feature, FeatureOptions } from './model.js';
import { featureOf } from './model.js';
import { nameOf } from './names.js';
import { permissionsIn } from './permissions.js';
import { Refusal } from './refusal.js';
import { filesUnder } from './tree.js';

/** How the comment begins with which a migration says what generated it. */
const RECORD = /\/\*\*\s*(?:\*\s*)?npm run generate (feature|field) ([\w-]+)([^]*?)\*\/\s*export class/g;

/** The options of a command, each with its values. */
type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The comment of a migration with the command that wrote it: from those, what was generated can be generated again. */
export function recordOf(command: 'feature' | 'field', name: string, options: Options = {}): string {
  const given = Object.entries(options).flatMap(([option, value]) => {
    const flag = `--${nameOf(option).kebab}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [flag];
    return [value].flat().map((one) => `${flag} ${one}`);
  });
  const line = `npm run generate ${command} ${name}${given.length > 0 ? ` -- ${given.join(' ')}` : ''}`;
  if (line.length <= 110) return `/** ${line} */`;
  const lines = [`npm run generate ${command} ${name} --`, ...given.map((one) => `  ${one}`)];
  return `/**\n${lines.map((one) => ` * ${one}`).join('\n')}\n */`;
}

/**
 * A feature as the generator left it, without what people changed: the commands in the migrations, done again.
 * @throws Refusal when the feature was not generated, or its migration does not say how.
 */
export function recordedFeature(tree: Tree, name: string): Feature {
  let options: FeatureOptions | undefined;
  for (const path of filesUnder(tree, 'src/migrations')) {
    for (const [, command, of, rest = ''] of tree.readText(path).matchAll(RECORD)) {
      if (of !== name) continue;
      const given = optionsIn(rest);
      if (command === 'feature') options = { ...given, name };
      else options = options && withFields(options, given);
    }
  }
  if (!options) {
    throw new Refusal(
      `No migration says how src/${name}/ was generated ("npm run generate feature ${name} …" in the comment above its class): add the field by hand, as docs/extending/field.md shows.`,
    );
  }
  return featureOf(options, permissionsIn(tree));
}

function withFields(
  options: FeatureOptions,
  { field = [], rename }: Pick<FeatureOptions, 'field'> & { rename?: string },
): FeatureOptions {
  const [, before = '', after = ''] = /^(\w+)=(\w+)$/.exec(rename ?? '') ?? [];
  const all = [...(options.field ?? []), ...field];
  return {
    ...options,
    field: before === '' ? all : all.map((one) => (one.startsWith(`${before}:`) ? one.replace(before, after) : one)),
  };
}

/** The options of a recorded command. */
function optionsIn(text: string): Omit<FeatureOptions, 'name'> & { rename?: string } {
  const words = text
    .replaceAll(/^\s*\*/gm, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '--');
  const options = new Map<string, string | true | string[]>();
  for (let at = 0; at < words.length; at++) {
    const option = nameOf((words[at] ?? '').replace(/^--/, '')).camel;
    const value = words[at + 1];
    if (value === undefined || value.startsWith('--')) options.set(option, true);
    else {
      const known = options.get(option);
      options.set(option, option === 'field' ? [...(Array.isArray(known) ? known : []), value] : value);
      at++;
    }
  }
  return Object.fromEntries(options);
}
