import XMLBuilder from 'fast-xml-builder';

/** The root elements: of a failure as RFC 9457, appendix B, has it, and of everything else. */
const ROOTS = {
  problem: { name: 'problem', namespace: 'urn:ietf:rfc:7807' },
  resource: { name: 'resource', namespace: undefined },
} as const;

const TEXT = '#';
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: TEXT,
  suppressBooleanAttributes: false,
  maxNestedTags: 0,
});

/**
 * Says in XML what a JSON text says, so that all of it can be had back:
 *
 * - A member is an element of its name. A name that is none in XML stands in an attribute: `<member name="a b">`.
 * - An array is `type="array"`, each of its items an `<i>`; RFC 9457, appendix B.
 * - A string is text. A number, a boolean, null and an empty object say so: `type="number"`, `"boolean"`, `"null"`,
 *   `"object"`. `status` of a problem is a number without saying so, as the RFC's schema wants it.
 * - A string with characters that XML 1.0 can't have, or changes, is the JSON of it, `type="json"`; so is such a name.
 */
export function xmlOf(json: string, root: keyof typeof ROOTS): string {
  const { name, namespace } = ROOTS[root];
  const value: unknown = JSON.parse(json);
  const element = asElement(partOf(value));
  if (namespace !== undefined) element['@xmlns'] = namespace;
  if (root === 'problem' && hasStatus(value)) element.status = { [TEXT]: String(value.status) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [name]: element })}`;
}

/** An element as the builder takes it: attributes begin with `@`, the text is `#`, everything else are elements. */
interface Element {
  [part: string]: Part | Part[];
}

/** An element; one that has nothing but text may be just that, which is faster. */
type Part = string | Element;

const asElement = (part: Part): Element => (typeof part === 'string' ? { [TEXT]: part } : part);

function partOf(value: unknown): Part {
  if (typeof value === 'string') {
    return NO_TEXT.test(value) ? { '@type': 'json', [TEXT]: asciiJson(value) } : value;
  }
  if (value === null) return { '@type': 'null', [TEXT]: '' };
  if (Array.isArray(value)) return { '@type': 'array', i: value.map(partOf) };
  if (typeof value !== 'object') return { '@type': typeof value, [TEXT]: JSON.stringify(value) };
  const members = Object.entries(value);
  return members.length === 0 ? { '@type': 'object', [TEXT]: '' } : membersOf(members);
}

function membersOf(members: [string, unknown][]): Element {
  const parts: [string, Part | Part[]][] = [];
  const others: Element[] = [];
  for (const [name, value] of members) {
    if (isName(name)) parts.push([name, partOf(value)]);
    else others.push({ '@name': asciiJson(name).slice(1, -1), ...asElement(partOf(value)) });
  }
  if (others.length > 0) parts.push(['member', others]);
  return Object.fromEntries(parts);
}

const hasStatus = (value: unknown): value is { status: number } =>
  typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';

/** Whether a member's name may be an element's as it stands: no colon, not begun with `xml`; `member` stands for the others. */
const isName = (name: string): boolean => /^(?!xml|member$)[A-Za-z_][\w.-]*$/i.test(name);

/** What XML 1.0 can't have (§2.2), and the carriage return, which it reads as another character (§2.11). */
const NO_TEXT = /[^\t\n -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The JSON of a string, in ASCII. */
const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
