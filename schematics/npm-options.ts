import { Refusal } from './refusal.js';

/**
 * npm keeps options in front of a `--` for itself, and passes them on as `npm_config_…` at most: the command would do
 * without what was asked for, `--dry-run` of all things.
 * @throws Refusal that says where the options go.
 */
export function requireOwnOptions(
  args: readonly string[],
  options: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  // npm reads --no-list as --list=false
  const variable = (option: string): string => `npm_config_${option.replace(/^no-/, '').replaceAll('-', '_')}`;
  const given = (option: string): boolean =>
    args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
  const taken = options.filter((option) => env[variable(option)] !== undefined && !given(option));
  if (taken.length === 0) return;
  const shown = taken.map((option) => `--${option}`).join(' and ');
  throw new Refusal(
    `npm took ${shown} for itself: put -- before the options, like npm run generate feature brands -- --dry-run`,
  );
}
