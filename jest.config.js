import { createRequire } from 'node:module';

const swaggerPlugin = createRequire(import.meta.url).resolve('./test/support/swagger-plugin.cjs');

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/test/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      'ts-jest',
      // types are checked by the build; 151002 is about a setting that the swagger plugin rules out
      {
        useESM: true,
        tsconfig: 'tsconfig.json',
        diagnostics: { ignoreCodes: [151002], exclude: ['**'] },
        astTransformers: { before: [swaggerPlugin] },
      },
    ],
  },
  // a shop is opened in a hook; on a busy machine that takes several times as long as on an idle one
  testTimeout: 120_000,
};
