// Runs test files in groups. Jest loads every module again for every test file, which takes longer than most files: here the
// files of a group share their modules, and nothing else. A file that is run alone is run as Jest does.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { formatResultsErrors } from 'jest-message-util';
import JestRunner from 'jest-runner';

/** Groups are many enough to keep every worker busy to the end, and few enough to load modules rarely. */
const GROUPS_PER_WORKER = 4;
/** Those that work with compilers, which keep so much in memory that a shop opens slowly after them in the same process. */
const ALONE = /\/(architecture|generator|lint)\.test\.ts$/;
const FOLDER = 'generated/groups';

/** @implements {import('jest-runner').CallbackTestRunnerInterface} */
export default class GroupingRunner {
  #globalConfig;
  #context;

  constructor(globalConfig, context) {
    this.#globalConfig = globalConfig;
    this.#context = context;
  }

  async runTests(tests, watcher, onStart, onResult, onFailure, options) {
    const alone = [];
    const single = (test) => ({
      start: () => onStart(test),
      success: (result) => onResult(test, result),
      failure: (error) => onFailure(test, error),
    });
    const together = (members) => {
      // a file that can't be loaded takes its group with it: its members are run one by one then
      const again = () => void alone.push(...members);
      return {
        start: () => Promise.all(members.map((test) => onStart(test))),
        success: async (result) => {
          const parts = members.map((test, index) => partOf(result, test, index === 0));
          // a file without a test is a failure, of which a group says nothing
          if (result.testExecError || parts.some(({ testResults }) => testResults.length === 0)) return again();
          for (const [index, test] of members.entries()) await onResult(test, parts[index]);
        },
        failure: again,
      };
    };
    const run = async (entries) => {
      const runner = new JestRunner(this.#globalConfig, this.#context);
      runner.on('test-file-start', ([test]) => entries.get(test).start());
      runner.on('test-file-success', ([test, result]) => entries.get(test).success(result));
      runner.on('test-file-failure', ([test, error]) => entries.get(test).failure(error));
      await runner.runTests([...entries.keys()], watcher, options);
    };
    const groups = groupsOf(tests, this.#globalConfig.maxWorkers * GROUPS_PER_WORKER);
    await run(
      new Map(
        groups.map((members, index) =>
          members.length === 1
            ? [members[0], single(members[0])]
            : [{ ...members[0], path: entryOf(members, index) }, together(members)],
        ),
      ),
    );
    await run(new Map(alone.map((test) => [test, single(test)])));
  }
}

/** Deals the files out, longest first, each to the group that has least to do. In milliseconds, a second of them for a file's hooks. */
function groupsOf(tests, count) {
  const weight = ({ duration, path }) => 1000 + (duration ?? statSync(path).size / 5);
  const [single, others] = [
    tests.filter(({ path }) => ALONE.test(path)),
    tests.filter(({ path }) => !ALONE.test(path)),
  ];
  const groups = Array.from({ length: Math.min(count, others.length) }, () => ({ members: [], total: 0 }));
  for (const test of others.sort((a, b) => weight(b) - weight(a))) {
    const least = groups.reduce((best, group) => (group.total < best.total ? group : best));
    least.members.push(test);
    least.total += weight(test);
  }
  return [
    ...groups.sort((a, b) => b.total - a.total).map(({ members }) => members),
    // at the end: the worker is not needed any more
    ...single.map((test) => [test]),
  ];
}

/** A file that has each member describe its tests under its name. */
function entryOf(members, number) {
  const { rootDir } = members[0].context.config;
  const path = join(rootDir, FOLDER, `${String(number)}.js`);
  mkdirSync(join(rootDir, FOLDER), { recursive: true });
  writeFileSync(
    path,
    `import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
const require = createRequire(import.meta.url);
for (const file of ${JSON.stringify(members.map((member) => nameOf(member)))})
  describe(file, () => void require(${JSON.stringify(`${rootDir}/`)} + file));
`,
  );
  return path;
}

const nameOf = ({ path, context }) => relative(context.config.rootDir, path);

/** What a group's result says of one member. What was printed goes with the first. */
function partOf(result, test, first) {
  const { config } = test.context;
  const testResults = result.testResults
    .filter(({ ancestorTitles }) => ancestorTitles[0] === nameOf(test))
    .map((entry) => ({
      ...entry,
      ancestorTitles: entry.ancestorTitles.slice(1),
      fullName: entry.fullName.slice(nameOf(test).length + 1),
    }));
  const count = (...states) => testResults.filter(({ status }) => states.includes(status)).length;
  const runtime = testResults.reduce((sum, { duration }) => sum + (duration ?? 0), 0);
  return {
    ...result,
    testResults,
    testFilePath: test.path,
    console: first ? result.console : undefined,
    numPassingTests: count('passed'),
    numFailingTests: count('failed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    skipped: count('passed', 'failed') === 0,
    failureMessage: formatResultsErrors(testResults, config, { noStackTrace: false }, test.path),
    perfStats: { ...result.perfStats, runtime, end: result.perfStats.start + runtime },
  };
}
