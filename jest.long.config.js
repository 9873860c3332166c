import base, { LONG } from './jest.config.js';

/** What takes minutes: `npm run test:long`. */
export default {
  ...base,
  testMatch: LONG.map((name) => `**/${name}.{test,spec}.ts`),
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
};
