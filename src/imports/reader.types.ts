/** What the cells of a column of attributes are. */
export const ATTRIBUTE_TYPES = ['text', 'number', 'boolean', 'json'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** A number as JSON spells it: `007` and `+5` are texts. So is `1E5`, as codes are written. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * What a cell is in a column of a type; null in an empty one, which removes the attribute.
 * @returns undefined when the cell is none of the type.
 */
export function valueIn(cell: string, type: AttributeType): string | number | boolean | null | undefined {
  if (cell === '') return null;
  switch (type) {
    case 'text':
      return cell;
    case 'json':
      return fromJson(cell);
    case 'boolean':
      return cell === 'true' || cell === 'false' ? cell === 'true' : undefined;
    case 'number': {
      // what can't be kept exactly is not one: the number of an article may have 20 digits
      const number = NUMBER.test(cell) ? Number(cell) : NaN;
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number + 0 : undefined;
    }
  }
}

/** A value as JSON spells it, for columns whose cells are not all of one type: `"5"` is a text. */
function fromJson(cell: string): string | number | boolean | undefined {
  try {
    const value: unknown = JSON.parse(cell);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The type of a column, by some of its cells: what all of them are that are not empty, else text. */
export function typeOf(cells: readonly string[]): AttributeType {
  const written = cells.filter((cell) => cell !== '');
  if (written.length === 0) return 'text';
  const types = ['number', 'boolean'] as const;
  return types.find((type) => written.every((cell) => valueIn(cell, type) !== undefined)) ?? 'text';
}

/** What is wrong with a cell that is none of its column's type, for people. */
export const describeType = (type: AttributeType): string =>
  type === 'boolean'
    ? 'must be true or false, as the first cells of the column are; or name the column with :text at its end'
    : 'must be a number, as the first cells of the column are, e.g. 7 or 2.5; or name the column with :text at its end';
