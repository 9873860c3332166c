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

/** `a review`, `an offer`. */
export const withArticle = (words: string): string => `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
