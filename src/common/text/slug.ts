import slugify from '@sindresorhus/slugify';
import transliterate from '@sindresorhus/transliterate';
import anyAscii from 'any-ascii';

/** How much of a name is in a slug, in characters. */
const MAX_NAME = 100;

/**
 * What an address calls something: its name in small Latin letters, also when it is written in others, and the end of its id, which
 * makes it the only one: `creme-brulee-dish-6c2b8a10`, `shang-pin-6c2b8a10`.
 * @param other stands for a name of which nothing can be written so.
 */
export function slugOf(name: string, id: string, other: string): string {
  // first as a language has it (ä is ae), then what is left, letter by letter
  const written = slugify(anyAscii(transliterate(name)));
  return `${written.slice(0, MAX_NAME).replace(/-$/, '') || other}-${id.slice(-8)}`;
}
