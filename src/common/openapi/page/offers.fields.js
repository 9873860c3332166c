import { busy } from './busy.js';
import { parametersOf, valueOf } from './parameters.js';

/** @import { Answer, Immutable, OpenApiDocument, System, Where } from './types.js' */
/** @import { Memory } from './memory.js' */
/** @import { Session } from './session.js' */

/**
 * Offers in the fields of each operation what works: an id that exists, its `ETag`, and a fresh Idempotency-Key. What a
 * person types stays until it has been sent.
 * @param {OpenApiDocument} document
 * @param {Memory} memory
 * @param {Session} session
 */
export function offerFields({ paths }, memory, session) {
  /** What is in a field and not typed, or not any more. @type {Map<string, unknown>} */
  const offered = new Map();
  /** The operations that have been opened, by their ids. @type {Map<string, Where>} */
  const opened = new Map();
  /** @type {System} */
  let system;

  /** @param {Where} where @param {Immutable} field */
  const keyOf = (where, field) => [...where, field.get('name')].join(' ');

  /** @param {Where} where @param {Immutable} field @param {string} value */
  function offer(where, field, value) {
    const present = valueOf(system, where, field);
    if ((present ?? '') === value || (present && present !== offered.get(keyOf(where, field)))) return;
    offered.set(keyOf(where, field), value);
    system.specActions.changeParamByIdentity(where, field, value);
  }

  /** Fills in the fields of an operation. @param {Where} where */
  async function fill(where) {
    const [path] = where;
    const segments = path.split('/');
    const fields = parametersOf(system, where);
    for (const [index, segment] of segments.entries()) {
      const field = fields.find((one) => one.get('in') === 'path' && segment === `{${one.get('name')}}`);
      if (!field) continue;
      const list = segments.slice(0, index).join('/');
      const template = path.split('/').slice(0, index).join('/');
      await memory.look(template, list);
      const id =
        memory.idIn(list) ?? (paths[template]?.get ? '' : await memory.nameIn(list, String(field.get('name'))));
      // an id that is gone is taken back
      offer(where, field, id ?? '');
      segments[index] = String(valueOf(system, where, field) ?? '');
    }
    const address = segments.join('/');
    const ifMatch = fields.find((field) => field.get('name') === 'If-Match');
    if (ifMatch) {
      offer(where, ifMatch, memory.etagOf(address) || '*');
      await memory.look(path, address);
      offer(where, ifMatch, memory.etagOf(address) || '*');
    }
    const key = fields.find((field) => field.get('name') === 'Idempotency-Key');
    if (key) {
      // the example of the document is everybody's
      const example = key.getIn(['schema', 'example']);
      const present = valueOf(system, where, key);
      if (present === example) offered.set(keyOf(where, key), example);
      if (!present || present === example) offer(where, key, freshKey());
    }
  }

  function fillAll() {
    for (const where of opened.values()) busy(fill(where));
  }
  memory.addEventListener('change', fillAll);

  /** Fills in an operation that is being opened. @param {string} operationId */
  function open(operationId) {
    const [where] = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, operation]) => operation.operationId === operationId)
        .map(([method]) => /** @type {Where} */ ([path, method])),
    );
    if (!where) return;
    opened.set(operationId, where);
    busy(fill(where));
  }

  /** @param {Where} where @param {Answer} answer */
  async function answered(where, answer) {
    for (const field of parametersOf(system, where)) {
      const key = keyOf(where, field);
      const sent = valueOf(system, where, field);
      if (field.get('name') !== 'Idempotency-Key') offered.set(key, sent);
      else if (answer.status < 500 && sent === offered.get(key)) offer(where, field, freshKey());
    }
    memory.learn(where, answer);
    await session.answered(where, answer);
  }

  return {
    /** @param {System} loaded */
    afterLoad(loaded) {
      system = loaded;
    },
    statePlugins: {
      layout: {
        wrapActions: {
          show:
            (/** @type {(...args: unknown[]) => unknown} */ show) =>
            (/** @type {unknown} */ thing, /** @type {boolean | undefined} */ shown) => {
              const action = show(thing, shown);
              if (Array.isArray(thing) && thing[0] === 'operations' && thing.length === 3) {
                if (shown === false) opened.delete(String(thing[2]));
                else open(String(thing[2]));
              }
              return action;
            },
        },
      },
      spec: {
        wrapActions: {
          changeParamByIdentity:
            (/** @type {(...args: unknown[]) => unknown} */ change) =>
            (/** @type {Where} */ where, /** @type {Immutable} */ field, /** @type {unknown[]} */ ...rest) => {
              const action = change(where, field, ...rest);
              // another id: another resource, its ETag, and what it has in it
              if (field.get('in') === 'path' && rest[0]) {
                busy(fill(where));
                memory.dispatchEvent(new Event('other-resource'));
              }
              return action;
            },
          setResponse:
            (/** @type {(...args: unknown[]) => unknown} */ set) =>
            (
              /** @type {string} */ path,
              /** @type {string} */ method,
              /** @type {Answer & { err?: { response?: Answer } }} */ result,
            ) => {
              const action = set(path, method, result);
              const answer = result.err ? result.err.response : result;
              if (answer) busy(answered([path, method], answer));
              return action;
            },
        },
      },
    },
  };
}

const freshKey = () => `docs-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
