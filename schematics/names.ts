import { hash } from 'node:crypto';

/** A name in the forms that code writes it in: `loan-notes`, `loanNotes`, `LoanNotes`, `loan_notes`, `loan notes`. */
export interface Name {
  kebab: string;
  camel: string;
  pascal: string;
  snake: string;
  /** In words, small. */
  words: string;
}

/** The forms of a name that is given in any of them. */
export function nameOf(given: string): Name {
  const words = given
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    // an acronym ends where a word begins: VIPCustomer is VIP, Customer
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase());
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const pascal = words.map(capital).join('');
  return {
    kebab: words.join('-'),
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    snake: words.join('_'),
    words: words.join(' '),
  };
}

/** `a review`, `an offer`, `an hour`, `a unit`: by how the word begins when it is spoken. */
export const withArticle = (words: string): string => `${isVowel(words) ? 'an' : 'a'} ${words}`;

const isVowel = (words: string): boolean =>
  /^(?:hour|honest|honou?r|heir)/.test(words) ||
  (/^[aeiou]/.test(words) && !/^(?:uni|use|usu|uti|eu|one\b|once)/.test(words));

/** The longest name that PostgreSQL keeps, in bytes (NAMEDATALEN - 1); it cuts longer ones off, which makes two names one. */
const MAX_IDENTIFIER = 63;

/**
 * The name of a constraint, an index, a trigger or a table of links: its parts, joined by `_`. One that is too long for
 * PostgreSQL is shortened in the middle, and gets a hash of the whole name, so that two names never become one; its last
 * part, which says what it is (`fk`, `unique`), stays.
 */
export function identifier(...parts: readonly string[]): string {
  const whole = parts.join('_');
  if (whole.length <= MAX_IDENTIFIER) return whole;
  const end = `_${hash('sha256', whole).slice(0, 8)}_${parts.at(-1) ?? ''}`;
  return `${whole.slice(0, MAX_IDENTIFIER - end.length)}${end}`;
}
