import slugify from '@sindresorhus/slugify';

const NAME = /^[a-z][A-Za-z0-9]{0,39}$/;

/**
 * The camelCase name that an attribute gets from the words of a title: `leadTime` of `Lead time`, `groesse` of `Größe`.
 * @returns undefined when there can be none: it would begin with a digit, be too long, or has no letters.
 */
export function attributeNameOf(title: string): string | undefined {
  const name = NAME.test(title) ? title : camelCase(slugify(title, { separator: ' ' }).split(' '));
  // `constructor` is refused in every body.
  return NAME.test(name) && name !== 'constructor' ? name : undefined;
}

const camelCase = ([first = '', ...words]: readonly string[]): string =>
  first + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
