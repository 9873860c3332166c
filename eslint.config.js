import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import stockroom from './lint/index.js';

const NO_SKIPPING = 'A test runs on every run, or is deleted.';

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', 'data/', 'generated/', 'src/common/openapi/page/types.d.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `@Module() class XModule {}` is empty by nature; a class without a decorator is still an error
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // a DTO is a shape that is a class for the validator's and the document's sake: mappers return plain objects
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // the document takes the type of `limit: number = 20` from its annotation
      '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
      // `({ cursor: _cursor, ...filters })` is how a member is left out
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // what is exported says its types; inside a file they may be inferred
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // what a statement answers has the type that its caller says: `run<Row>(…)`
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // a case that is added later is named wherever it isn't handled yet
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@nestjs/common',
              importNames: ['forwardRef'],
              message:
                'A circle between modules is a line drawn wrongly: move what both need to a third, or to common/.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { stockroom },
    rules: {
      'stockroom/classes-in-their-place': 'error',
      'stockroom/features-own-their-tables': 'error',
      'stockroom/input-is-bounded': 'error',
      'stockroom/lists-have-pages': 'error',
      'stockroom/locks-are-declared': 'error',
      'stockroom/log-through-the-logger': 'error',
      'stockroom/no-entities-in-answers': 'error',
      'stockroom/no-environment-outside-config': 'error',
      'stockroom/no-queries-beside-transactions': 'error',
      'stockroom/no-queries-in-loops': 'error',
      'stockroom/no-repositories-in-controllers': 'error',
      'stockroom/no-sql-from-text': 'error',
      'stockroom/one-clock': 'error',
      'stockroom/other-systems-behind-gateways': 'error',
      'stockroom/routes-declare-problems': 'error',
      'stockroom/routes-say-who': 'error',
      'stockroom/throw-problems': 'error',
      'stockroom/work-is-a-job': 'error',
    },
  },
  { files: ['src/common/config/**'], rules: { 'stockroom/no-environment-outside-config': 'off' } },
  {
    // a spec makes modules, DTOs and errors of its own, and sets the time itself
    files: ['src/**/*.spec.ts'],
    rules: {
      'stockroom/classes-in-their-place': 'off',
      'stockroom/no-queries-in-loops': 'off',
      'stockroom/one-clock': 'off',
      'stockroom/log-through-the-logger': 'off',
    },
  },
  // what a command line prints is its answer; and what the log itself is made of
  {
    files: ['src/*.ts', 'src/commands/**', 'src/common/{cli,config,logging}/**'],
    rules: { 'stockroom/log-through-the-logger': 'off' },
  },
  // what the other parts build statements with: names of columns and directions, never a value
  {
    files: ['src/common/database/**', 'src/migrations/**'],
    rules: {
      'stockroom/locks-are-declared': 'off',
      'stockroom/no-sql-from-text': 'off',
      'stockroom/no-queries-in-loops': 'off',
    },
  },
  {
    // what jobs, transactions and answers are made of, and what ends the process
    files: ['src/*.ts', 'src/common/{jobs,events,background,database,http}/**', 'src/**/*.spec.ts'],
    rules: { 'stockroom/work-is-a-job': 'off' },
  },
  {
    // child processes, which are ended when they take too long or have nothing to do, and the program of such a child
    files: ['src/photos/images/image{-child,-children,.process}.ts'],
    rules: { 'stockroom/work-is-a-job': 'off' },
  },
  {
    // a socket that is connected to nothing; and specs, which call the servers that they open
    files: ['src/common/http/pipeline/security-headers.ts', 'src/**/*.spec.ts'],
    rules: { 'stockroom/other-systems-behind-gateways': 'off' },
  },
  { files: ['src/common/time/clock.ts'], rules: { 'stockroom/one-clock': 'off' } },
  {
    // what transactions are made of, migrations that run in one of their own, and what starts or tests the whole
    files: ['src/common/**', 'src/migrations/**', 'src/*.ts', 'src/commands/**', 'src/**/*.spec.ts'],
    rules: { 'stockroom/no-queries-beside-transactions': 'off' },
  },
  {
    files: ['**/*.{spec,test,browser}.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|failing|concurrent)$/]',
          message: NO_SKIPPING,
        },
        { selector: 'CallExpression[callee.name=/^[xf](it|test|describe)$/]', message: NO_SKIPPING },
      ],
    },
  },
  {
    // feature.ts waits for these files: one that waits for it as well waits for ever
    files: ['test/support/features/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/feature.js', '**/stock.js'],
              allowTypeImports: true,
              message: 'Import types alone: it waits for this file.',
            },
          ],
        },
      ],
    },
  },
  {
    // outside the TypeScript project: linted without types
    files: ['**/*.{js,cjs}'],
    languageOptions: { globals: { process: 'readonly', fetch: 'readonly', URL: 'readonly' } },
  },
  {
    // runs in a browser; types are checked by its own tsconfig.json
    files: ['src/common/openapi/page/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['Element', 'Event', 'EventTarget', 'atob', 'document', 'localStorage', 'location', 'matchMedia', 'window'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { module: 'writable', require: 'readonly' } },
  },
  prettier,
);
