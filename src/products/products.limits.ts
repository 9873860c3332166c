import type { LimitPolicy } from '../common/http/limits/limits.js';

/** Searches by words read many rows: 240 a minute by default. */
export const Searches: LimitPolicy = { name: 'searches', share: 0.4, by: 'caller', when: ({ q }) => q !== undefined };

/** Facets count all results: 120 a minute by default. */
export const Facets: LimitPolicy = {
  name: 'facets',
  share: 0.2,
  by: 'caller',
  when: ({ include }) => [include].flat().some((extra) => typeof extra === 'string' && extra.includes('facets')),
};
