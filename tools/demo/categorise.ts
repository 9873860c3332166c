import { CATEGORY_TABLE, REST_CATEGORY } from './categories.js';

const MOST_CATEGORIES = 2;
const RULE = /^(?<path>[^:]+?)(?<also> \(also\))?: (?<words>[^;]+)(?:; (?<second>[^;]+))?$/;

interface Rule {
  path: string;
  /** Whether a later rule may add a second category. */
  also: boolean;
  /** One of the words of each pattern must stand in the name. */
  patterns: RegExp[];
}

const RULES: readonly Rule[] = readTable(CATEGORY_TABLE);

/** Every category a product can be in: `Top > Sub` in the order of the rules, and the rest category last. */
export const CATEGORY_PATHS: readonly string[] = [...new Set([...RULES.map((rule) => rule.path), REST_CATEGORY])];

/** The one or two categories of a product with this name, the main one first. */
export function categoriesOf(productName: string): string[] {
  const name = plain(productName);
  const paths: string[] = [];
  for (const { path, also, patterns } of RULES) {
    const topIsNew = paths.every((other) => topOf(other) !== topOf(path));
    if (topIsNew && patterns.every((pattern) => pattern.test(name))) {
      paths.push(path);
      if (!also || paths.length === MOST_CATEGORIES) {
        break;
      }
    }
  }
  return paths.length > 0 ? paths : [REST_CATEGORY];
}

/** The top level of a category path: `Christmas` for `Christmas > Decorations`. */
export function topOf(path: string): string {
  return path.split(' > ')[0] ?? path;
}

/** Rules begin with the capital of their path; lines in small letters carry a rule on, `#` begins a comment. */
function readTable(table: string): Rule[] {
  const texts: string[] = [];
  for (const line of table.split('\n').map((text) => text.trim())) {
    if (/^[A-Z]/.test(line)) {
      texts.push(line);
    } else if (line !== '' && !line.startsWith('#')) {
      texts.push(`${texts.pop() ?? ''} ${line}`);
    }
  }
  return texts.map(readRule);
}

function readRule(text: string): Rule {
  const { path, also, words, second } = RULE.exec(text)?.groups ?? {};
  if (path === undefined || words === undefined) {
    throw new SyntaxError(`the category table has no rule in "${text}"`);
  }
  const lists = second === undefined ? [words] : [words, second];
  return { path, also: also !== undefined, patterns: lists.map(toPattern) };
}

function toPattern(words: string): RegExp {
  const phrases = words.split(',').map((phrase) => plain(phrase).replace(/y$/, '(?:y|ie)'));
  return new RegExp(`(?<![a-z0-9])(?:${phrases.join('|')})(?:s|es)?(?![a-z0-9])`);
}

/** Names and rules are compared in small letters, one space between words, `&` and `+` as `and`. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/'/g, '')
    .replace(/[&+]/g, ' and ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
