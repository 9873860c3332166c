/** @import { OpenApiDocument } from './types.js' */

/**
 * Has Swagger UI resolve the references of what is opened in a millisecond: its own way reads the whole document for each
 * operation. Each schema says by `$$ref` where it comes from, as Swagger UI wants; one that contains itself keeps the reference.
 * @returns {object} a plugin of Swagger UI. Source: swagger-client, resolveSubtree
 */
export function resolveReferences() {
  return {
    fn: {
      resolveSubtree: async (/** @type {OpenApiDocument} */ document, /** @type {string[]} */ path) => ({
        spec: resolved(valueAt(document, path), document, []),
        errors: [],
      }),
    },
  };
}

/**
 * @param {unknown} value
 * @param {OpenApiDocument} document
 * @param {string[]} within the references that led here
 * @returns {unknown}
 */
function resolved(value, document, within) {
  if (Array.isArray(value)) return value.map((entry) => resolved(entry, document, within));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref: reference, ...beside } = /** @type {Record<string, unknown>} */ (value);
  if (typeof reference !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, document, within)]));
  }
  if (within.includes(reference)) return value;
  const target = valueAt(document, reference.slice('#/'.length).split('/').map(decoded));
  return Object.assign({}, resolved(target, document, [...within, reference]), beside, { $$ref: reference });
}

/**
 * @param {unknown} value
 * @param {readonly string[]} path
 * @returns {unknown}
 */
const valueAt = (value, path) =>
  path.reduce((inner, name) => /** @type {Record<string, unknown>} */ (inner)?.[name], value);

/** A name in a JSON pointer (RFC 6901). @param {string} name */
const decoded = (name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
