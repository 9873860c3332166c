import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Config, combinedFaults } from './config.js';
import { StartError } from './start-error.js';

const toVariable = (property: string): string => property.replace(/[A-Z]/g, '_$&').toUpperCase();

/** Every environment variable that Stockroom reads, e.g. `DATABASE_URL`, by the property of {@link Config} it fills. */
export const variables: ReadonlyMap<string, string> = new Map(
  Object.keys(new Config()).map((property) => [toVariable(property), property]),
);

const toStderr = (warning: string): void => {
  process.stderr.write(`${warning}\n`);
};

/**
 * Reads `.env` (if there) and the environment, which wins, into one validated object.
 * @param warn gets what is probably a mistake, and may be none.
 * @throws StartError naming every fault at once.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env, file = '.env', warn = toStderr): Config {
  const fromFile: NodeJS.Dict<string> = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const faults = unknownNames(Object.keys(fromFile), true);
  for (const warning of unknownNames(Object.keys(environment), false)) warn(warning);

  const values: Record<string, string> = {};
  for (const [variable, property] of variables) {
    const value = environment[variable] ?? fromFile[variable];
    if (value !== undefined && value !== '') values[property] = value;
  }
  const config = plainToInstance(Config, values);
  for (const { property, constraints = {} } of validateSync(config)) {
    // what is no number is neither too small nor too large, either
    const reason = constraints.isInt ?? Object.values(constraints)[0] ?? `${property} is wrong`;
    const value = secretive(property) ? 'set' : JSON.stringify(values[property]);
    faults.push(`${reason.replaceAll(property, toVariable(property))} (it is ${value})`);
  }
  if (!values.publicUrl && config.port) config.publicUrl = `http://localhost:${String(config.port)}`;
  if (faults.length === 0) faults.push(...combinedFaults(config));
  if (faults.length > 0) {
    throw new StartError(
      ['The configuration is wrong:', ...faults, 'Each variable is described in .env.example.'].join('\n  '),
    );
  }
  return Object.freeze(config);
}

const secretive = (property: string): boolean => /secret|url/i.test(property);

/**
 * In `.env`, which is ours, every unknown name is a fault. The environment belongs to others as well: there, a name that is
 * nearly one of ours is worth a warning.
 */
function unknownNames(names: string[], ours: boolean): string[] {
  return names
    .filter((name) => !variables.has(name))
    .flatMap((name) => {
      const meant = [...variables.keys()].find((known) => isTypoOf(name, known));
      if (meant) return [`${name} is unknown: did you mean ${meant}?`];
      return ours ? [`${name} is unknown: no variable in .env has this name`] : [];
    });
}

/** Whether one insertion, deletion, substitution or swap of neighbours turns `name` into `known`. */
function isTypoOf(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 1) return false;
  let start = 0;
  while (start < Math.min(name.length, known.length) && name[start] === known[start]) start++;
  let end = 0;
  while (
    end < Math.min(name.length, known.length) - start &&
    name[name.length - 1 - end] === known[known.length - 1 - end]
  ) {
    end++;
  }
  const left = name.slice(start, name.length - end);
  const right = known.slice(start, known.length - end);
  const swapped = left.length === 2 && right === `${left.charAt(1)}${left.charAt(0)}`;
  return swapped || (left.length <= 1 && right.length <= 1);
}
