/** @import { Immutable, System } from './types.js' */

/** A filter over everything that names an operation: its tag, path, method, summary and id; every word has to be found. */
export function filterOperations() {
  return {
    fn: {
      /**
       * @param {Immutable} taggedOperations
       * @param {string} phrase
       */
      opsFilter(taggedOperations, phrase) {
        const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
        return taggedOperations
          .map((tagged, tag) => {
            const operations = /** @type {Immutable} */ (tagged.get('operations'));
            return tagged.set(
              'operations',
              operations.filter((one) => hasAll(words, textOf(one, tag))),
            );
          })
          .filter((tagged) => !(/** @type {Immutable} */ (tagged.get('operations')).isEmpty()));
      },
    },
    components: { FilterContainer: Filter },
  };
}

/**
 * @param {Immutable} operation
 * @param {string} tag
 */
function textOf(operation, tag) {
  const { summary, operationId } = /** @type {{ summary?: string, operationId?: string }} */ (
    /** @type {Immutable} */ (operation.get('operation')).toJS()
  );
  return [tag, operation.get('method'), operation.get('path'), summary, operationId].join(' ').toLowerCase();
}

/**
 * @param {string[]} words
 * @param {string} text
 */
const hasAll = (words, text) => words.every((word) => text.includes(word));

/** @param {System} system */
function Filter({ React: { createElement: h }, getComponent, layoutActions, layoutSelectors }) {
  const phrase = layoutSelectors.currentFilter();
  return h(
    'div',
    { className: 'filter-container' },
    h(
      getComponent('Col'),
      { className: 'filter wrapper', mobile: 12 },
      h('input', {
        className: 'operation-filter-input',
        type: 'search',
        placeholder: 'Filter operations, e.g. products, login, stock',
        'aria-label': 'Filter operations',
        value: typeof phrase === 'string' ? phrase : '',
        onChange: (/** @type {{ target: { value: string } }} */ { target }) => layoutActions.updateFilter(target.value),
      }),
    ),
  );
}
