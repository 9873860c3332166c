import { busy } from './busy.js';
import { resourceOf } from './parameters.js';

/** @import { Immutable, OpenApiDocument, Settings, System, Where } from './types.js' */
/** @import { Memory } from './memory.js' */
/** @import { Session } from './session.js' */

/**
 * Offers as the body of each operation what works: its example, with ids that exist, the refresh token of this page, and the
 * token of the latest mail. What a person types stays.
 * @param {OpenApiDocument} document
 * @param {Memory} memory
 * @param {Session} session
 * @param {Settings} settings
 */
export function offerBodies({ paths }, memory, session, settings) {
  /** The body that was offered last, by path and method. @type {Map<string, string>} */
  const offered = new Map();

  /**
   * @param {System} system
   * @param {Where} where
   * @param {object} example
   * @param {Immutable | undefined} properties of its schema
   */
  async function offer(system, where, example, properties) {
    const live = JSON.stringify(await withLiveValues(where, resourceOf(system, where), example, properties), null, 2);
    const present = system.oas3Selectors.requestBodyValue(...where);
    const key = where.join(' ');
    const isTyped = Boolean(present) && !isSame(present, example) && present !== offered.get(key);
    if (isTyped || isSame(present, JSON.parse(live))) return;
    offered.set(key, live);
    system.oas3Actions.setRequestBodyValue({ value: live, pathMethod: where });
  }

  /**
   * @param {Where} where
   * @param {string | undefined} resource the address of the one in the path
   * @param {object} example
   * @param {Immutable | undefined} properties
   * @returns {Promise<object>}
   */
  async function withLiveValues(where, resource, example, properties) {
    const members = Object.entries(example).map(async ([name, value]) => {
      const schema = properties?.getIn([name]);
      if (name === 'refreshToken') return [name, session.refreshToken ?? value];
      if (name === 'token') return [name, (await mailedToken(where[0])) ?? value];
      if (value === null || (Array.isArray(value) && value.length === 0)) return [name, value];
      const [first] = [value].flat();
      if (typeof first === 'object') {
        const inside = schema?.getIn(['items', 'properties']) ?? schema?.getIn(['properties']);
        const live = await withLiveValues(where, resource, first, inside);
        return [name, Array.isArray(value) ? [live] : live];
      }
      const id = await idFor(name, String(schema?.get('description') ?? ''), resource);
      return [name, id === undefined ? value : Array.isArray(value) ? [id] : id];
    });
    return Object.fromEntries(await Promise.all(members));
  }

  /**
   * An id that exists, for a member that has one; undefined for others.
   * @param {string} name
   * @param {string} description
   * @param {string | undefined} resource
   */
  async function idFor(name, description, resource) {
    // as of a line: "The id of a line, as `items` of the order have it."
    const [, part] = /^The id of .+, as `(\w+)` of /.exec(description) ?? [];
    if (part) return resource && memory.partOf(resource, part);
    const list = listOf(name, description);
    if (!list) return undefined;
    await memory.look(list, list);
    return memory.idIn(list);
  }

  /**
   * The list that a member of a body has ids of: by its name, or by what it is said to be.
   * @param {string} name
   * @param {string} description
   */
  function listOf(name, description) {
    if (!/Ids?$/.test(name)) return undefined;
    const nouns = [name.replace(/Ids?$/, ''), /^The ids? of (?:the|its) ([\w ]+)\.$/.exec(description)?.[1] ?? ''];
    const lists = Object.keys(paths).filter((path) => !path.includes('{'));
    return nouns
      .filter(Boolean)
      .flatMap((noun) => plurals(noun).map((plural) => lists.find((path) => path.endsWith(`/${plural}`))))
      .find(Boolean);
  }

  /** The token in the latest mail that names an operation. @param {string} path */
  async function mailedToken(path) {
    if (!settings.mailbox) return undefined;
    const call = path.split('/').at(-1) ?? '';
    /** @type {{ data: { text: string }[] }} */
    const { data } = await (await fetch(`${settings.mailbox}.json`)).json();
    const mail = data.find(({ text }) => text.includes(call));
    return /token\W+([\w-]{20,})/.exec(mail?.text ?? '')?.[1];
  }

  return {
    wrapComponents: {
      RequestBody:
        (
          /** @type {import('./types.js').Component} */ Original,
          /** @type {System & { getSystem(): System }} */ { React: { createElement: h, useLayoutEffect }, getSystem },
        ) =>
        (
          /** @type {{ isExecute: boolean, requestBody?: Immutable, contentType: string, activeExamplesKey?: string, specPath: Immutable }} */ props,
        ) => {
          const { isExecute, contentType, activeExamplesKey, specPath } = props;
          const media = props.requestBody?.getIn(['content', contentType]);
          const named = media?.getIn(['examples', activeExamplesKey])?.get('value');
          const example = toJs(named ?? media?.get('example'));
          const [, path = '', method = ''] = /** @type {string[]} */ (specPath.toJS());
          useLayoutEffect(() => {
            if (!isExecute || typeof example !== 'object' || example === null) return undefined;
            const refill = () =>
              busy(offer(getSystem(), [path, method], example, media?.getIn(['schema', 'properties'])));
            refill();
            const events = ['change', 'other-resource'];
            for (const event of events) memory.addEventListener(event, refill);
            return () => {
              for (const event of events) memory.removeEventListener(event, refill);
            };
          }, [isExecute, contentType, activeExamplesKey, JSON.stringify(example)]);
          return h(Original, props);
        },
    },
  };
}

/** @param {unknown} value */
function toJs(value) {
  return typeof value === 'object' && value !== null && 'toJS' in value && typeof value.toJS === 'function'
    ? value.toJS()
    : value;
}

/**
 * Whether a text is the JSON of a value.
 * @param {unknown} text
 * @param {unknown} value
 */
function isSame(text, value) {
  try {
    return JSON.stringify(JSON.parse(String(text))) === JSON.stringify(value);
  } catch {
    return false;
  }
}

/** `category` → `categories`, `loan note` → `loan-notes`; a plural stays. @param {string} noun */
function plurals(noun) {
  const kebab = noun
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(' ', '-')
    .toLowerCase();
  return [kebab, `${kebab}s`, `${kebab}es`, kebab.replace(/y$/, 'ies')];
}
