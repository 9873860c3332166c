import base from './jest.config.js';

/** What only a browser shows, on the built application: `npm run test:browser`. */
export default {
  ...base,
  testMatch: ['**/test/browser/*.browser.ts'],
  testTimeout: 600_000,
  // each file by itself: there are few, and each has a browser
  runner: 'jest-runner',
};
