import base, { LONG } from './jest.config.js';

/** What takes minutes: `npm run test:long`. */
export default {
  ...base,
  testMatch: LONG.map((name) => `**/test/${name}.test.ts`),
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
};
