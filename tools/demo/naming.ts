import { OWN_CASE, SHORT_FORMS, SMALL_WORDS, WORDS } from './naming-words.js';

const MEASURE = /^\d+(?:\.\d+)?(?:cm|mm|kg|g|ml)?(?:x\d+(?:\.\d+)?)*(?:cm|mm)?$/i;
const INITIALS = /^(?:[A-Z]\.)+[A-Z]?$/i;

/**
 * The name a shop would print for a description of the till: `SET/6 RED SPOTTY PAPER CUPS` becomes
 * `Set of 6 Red Spotty Paper Cups`. Short forms are written out, cut-off and misspelt words corrected (the tables in
 * naming-words.ts), spaces and stray punctuation tidied, and a supplier's number at the end dropped.
 */
export function readableName(description: string): string {
  const written = SHORT_FORMS.reduce((text, [pattern, meaning]) => text.replace(pattern, meaning), tidy(description));
  const words = written.split(' ');
  const insideAPhrase = (index: number): boolean =>
    index > 0 && index < words.length - 1 && !words[index - 1]?.endsWith(',');
  return words.map((word, index) => cased(word, insideAPhrase(index))).join(' ');
}

function tidy(description: string): string {
  return description
    .trim()
    .replace(/^\*/, '')
    .replace(/ \d{5}$/, '')
    .replace(/(?<=[a-z]{3})\.(?=\s|$)/gi, ' ')
    .replace(/(?<=[a-z]{2})\.(?=\d|[a-z]{2})(?!com\b)/gi, ' ')
    .replace(/\s*,\s*/g, ', ')
    .replace(/\s*\+\s*/g, ' + ')
    .replace(/ -(?=\w)/g, ' - ')
    .replace(/(?<=[a-z])(?=\d+")/gi, ' ')
    .replace(/(?<=\d")(?=[a-z])/gi, ' ')
    .replace(/(?<=[a-z])"(?=[a-z])/gi, ' "')
    .replace(/(?<=\w)\(/g, ' (')
    .replace(/\s+/g, ' ')
    .replace(/[\s.,]+$/, '');
}

/** The parts of a word (`black/blue`, `t-light`, `"keep`) are cased one by one. */
function cased(word: string, mayBeSmall: boolean): string {
  if (mayBeSmall && SMALL_WORDS.has(word.toLowerCase())) {
    return word.toLowerCase();
  }
  return word.replace(/[a-z0-9'.]+/gi, (part) => {
    const whole = WORDS.get(part.toUpperCase()) ?? part;
    return whole.replace(/[a-z0-9'.]+/gi, casedPart);
  });
}

function casedPart(part: string): string {
  if (MEASURE.test(part)) {
    return part.toLowerCase();
  }
  if (INITIALS.test(part) || /^\d+[a-z]$/i.test(part)) {
    return part.toUpperCase();
  }
  const own = OWN_CASE.get(part.toUpperCase());
  return own ?? part.charAt(0).toUpperCase() + part.slice(1).toLowerCase();
}
