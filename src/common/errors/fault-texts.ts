/**
 * What `code` of a wrong value can be, and what it means: contract, so a code is added and never renamed. Where a rule
 * is one of class-validator's, its code is that rule's name; the text beside it is ours.
 */
export const FAULT_CODES: Readonly<Record<string, string>> = {
  acceptable: 'A header takes none of the forms that the answer can have.',
  ambiguous: 'A number may be read in two ways: state the locale.',
  arrayMaxSize: 'A list has more items than the operation takes.',
  arrayMinSize: 'A list has fewer items than the operation takes.',
  arrayNotEmpty: 'A list has no item.',
  arrayUnique: 'A list has the same item twice.',
  blank: 'A text has nothing that can be seen.',
  control: 'A text has control characters.',
  country: 'The value is a country that something else in the request does not go to.',
  currency: 'The value is in another currency than what it belongs to.',
  cursor: 'The cursor is not one of this list.',
  decimals: 'An amount has more decimal places than its currency.',
  delimiter: 'The columns of a file are separated by something else than commas.',
  depth: 'The value is nested too deeply.',
  duplicate: 'What must be there once is there again: a member of a body, or a SKU in a file.',
  encoding: 'A text has the character U+0000, or half of a surrogate pair.',
  exists: 'What the value refers to does not exist.',
  family: 'A product that is imported is not in the family that its line names.',
  fields: 'A line of a file has another number of fields than its header.',
  format: 'The value has another form than the one that is documented.',
  incomplete: 'A line of a file is of a new product, and has not all that one needs.',
  isArray: 'The value is not a list.',
  isAttributes: 'The attributes are not texts by name.',
  isBoolean: 'The value is neither true nor false.',
  isCountryCode: 'The value is not a country of ISO 3166-1.',
  isDateString: 'The value is not a date and time.',
  isDateTime: 'The value is not a date and time.',
  isDefined: 'The value must be sent.',
  isEmail: 'The value is not an e-mail address.',
  isISO4217CurrencyCode: 'The value is not a currency of ISO 4217.',
  isIn: 'The value is not one of those that the operation takes.',
  isInt: 'The value is not a whole number.',
  isLength: 'A text is too short or too long.',
  isNotEmpty: 'The value is empty.',
  isNumber: 'The value is not a number.',
  isObject: 'The value is not an object.',
  isOptionValues: 'The values of options are not a text for each option.',
  isString: 'The value is not a string.',
  isUrl: 'The value is not a URL.',
  isUuid: 'The value is not an id (a UUID).',
  items: 'A list has more items than a body may have.',
  json: 'A line of a file is not one JSON object.',
  locale: 'The value is no language tag, e.g. de-DE.',
  mapping: 'What columns are is not said as the operation takes it, e.g. Title=name.',
  marks: 'A text has more than 30 combining marks in a row.',
  matches: 'The text has characters, or a form, that the operation does not take.',
  max: 'The number is too large.',
  maxLength: 'The text is too long.',
  maxProperties: 'An object has more members than the operation takes.',
  members: 'An object has more members than a body may have.',
  min: 'The number is too small.',
  minLength: 'The text is too short.',
  more: 'There are more faults than are named.',
  nestedValidation: 'The value is not an object.',
  notEquals: 'The value is one that is not taken, such as null.',
  oneOf: 'Of two members, one is sent, and not both.',
  open: 'More is asked of a line than is left of it.',
  outOfStock: 'There are fewer units available than are asked for.',
  password_breached: 'The password is on a list of common and breached ones.',
  password_context: 'The password is made of the name of the shop or of the e-mail address.',
  password_wrong: 'The current password is not this.',
  path: 'The path of a category has an empty name, or too many names.',
  permission: 'The member may be sent only with a permission that the caller does not have.',
  price: 'A cell is no price in major units, e.g. 19.99.',
  quote: 'A quotation mark in a file is not closed.',
  relevance: 'Sorting by relevance needs a search.',
  required: 'The header or value must be sent.',
  reused: 'The Idempotency-Key belongs to another request.',
  sold: 'The product is not sold, or not any more.',
  tooLong: 'A line of a file is too long.',
  twice: 'A column is there more than once.',
  type: 'A cell is no number or truth value as its column has.',
  unchanged: 'The value can not be changed.',
  unique: 'The value is taken.',
  unknown: 'The operation has no member or parameter of this name.',
  values: 'The body has more values than a body may have.',
};

/** What class-validator says, and what is said instead: the rest of a sentence that begins with the name of the value. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^must be an email$/, 'must be an e-mail address, like name@example.com'],
  [/^must be longer than or equal to 1 characters$/, 'must not be empty'],
  [/^must be longer than or equal to (\d+) characters$/, 'must have at least $1 characters'],
  [/^must be shorter than or equal to (\d+) characters$/, 'must have at most $1 characters'],
  [
    /^must match .* regular expression$/s,
    'has characters, or a form, that are not allowed here; the documentation shows the pattern',
  ],
  [/^must be either object or array$/, 'must be an object'],
  [/^must be an integer number$/, 'must be a whole number'],
  [/^must be a number conforming to the specified constraints$/, 'must be a number'],
  [/^must be one of the following values: (.*)$/s, 'must be one of $1'],
  [/^must not be less than (.+)$/, 'must be at least $1'],
  [/^must not be greater than (.+)$/, 'must be at most $1'],
  [/^must be a UUID$/, 'must be an id, as an answer gave it (a UUID)'],
  [/^must be an array$/, 'must be a list'],
  [/^must be a boolean value$/, 'must be true or false'],
  [/^must be a valid ISO 8601 date string$/, 'must be a date and time, like 2026-01-31T12:00:00Z'],
  [/^must be a valid ISO4217 currency code$/, 'must be a currency code of ISO 4217, like GBP'],
  [/^must contain at least 1 elements$/, 'must have an item'],
  [/^must contain at least (\d+) elements$/, 'must have at least $1 items'],
  [/^must contain no more than (\d+) elements$/, 'must have at most $1 items'],
  [/^elements must be unique$/, 'must not have the same item twice'],
  [/^should not be null or undefined$/, 'must be sent'],
  [/^should not be equal to (.+)$/, 'must not be $1'],
  [/^should not be empty$/, 'must not be empty'],
];

/** The words that class-validator puts before and behind the name: `each value in tags must …`, `All tags's elements must …`. */
const AROUND = /^(?:(each value in )|nested property |All )?(\S+?)(?:'s)? (?=must |should |elements |has )/s;

/**
 * What is wrong with a value, for people: without its name, which stands beside it, and without the words of a validator.
 * @param name of the value, as `pointer` or `parameter` ends.
 */
export function faultText(name: string, detail: string): string {
  const [around = '', each, named] = AROUND.exec(detail) ?? [];
  const rest = named === name ? detail.slice(around.length) : detail;
  const [pattern, text] = TEXTS.find(([candidate]) => candidate.test(rest)) ?? [];
  const said = pattern && text !== undefined ? rest.replace(pattern, text) : rest;
  return named === name && each !== undefined ? `each item ${said}` : said;
}

/** The name of the member at a JSON Pointer: of a list, that of the list. */
export const nameAt = (pointer: string): string =>
  pointer.split('/').findLast((segment) => !/^\d+$/.test(segment)) ?? '';

/** What is said of a name that is not known: the ones that are, when there are few enough to read. */
export function unknownName(name: string, known: readonly string[]): string {
  if (known.length === 0) return `${name} is not known here, where nothing is`;
  return `${name} is not known here; these are: ${[...known].sort().join(', ')}`;
}
