/** Walks through thousands of rows, requests or names, kills processes, opens the whole demo shop: `npm run test:long`. */
export const LONG = [
  'auth.races',
  'costs-of-requests',
  'crash',
  'demo',
  'embedded-postgres',
  'events.crash',
  'events.races',
  'fuzz',
  'generator.changes',
  'generator.field',
  'generator.names',
  'hidden-products',
  'idempotency.crash',
  'images',
  'images.memory',
  'invite-admin',
  'jobs.crash',
  'migrations',
  'pages',
  'payments.crash',
  'photos.crash',
  'photos.memory',
];

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts', '**/test/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', `/(${LONG.join('|')})\\.(test|spec)\\.ts$`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // compiled before Jest starts: once, not by each worker
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transformer.js' },
  // a shop is opened in a hook; on a busy machine that takes several times as long as on an idle one
  testTimeout: 120_000,
  // every core, and a worker that has grown is replaced: applications leave something behind
  maxWorkers: '100%',
  runner: '<rootDir>/scripts/jest-runner.js',
  workerIdleMemoryLimit: '2GB',
};
