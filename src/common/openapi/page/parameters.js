/** @import { Immutable, System, Where } from './types.js' */

/**
 * The parameters of an operation.
 * @param {System} system
 * @param {Where} where
 */
export const parametersOf = (system, [path, method]) =>
  system.specSelectors.specJsonWithResolvedSubtrees().getIn(['paths', path, method, 'parameters'])?.toArray() ?? [];

/**
 * What is in the field of a parameter.
 * @param {System} system
 * @param {Where} where
 * @param {Immutable} parameter
 */
export const valueOf = (system, where, parameter) =>
  system.specSelectors.parameterWithMetaByIdentity(where, parameter).get('value');

/**
 * The address of the first resource in the path of an operation; undefined as long as its id is in no field.
 * @param {System} system
 * @param {Where} where
 */
export function resourceOf(system, where) {
  const [, list = '', name = ''] = /^([^{]*)\{(\w+)\}/.exec(where[0]) ?? [];
  const parameter = parametersOf(system, where).find((one) => one.get('in') === 'path' && one.get('name') === name);
  const id = parameter && valueOf(system, where, parameter);
  return id ? `${list}${String(id)}` : undefined;
}
