import classesInTheirPlace from './rules/classes-in-their-place.js';
import featuresOwnTheirTables from './rules/features-own-their-tables.js';
import inputIsBounded from './rules/input-is-bounded.js';
import listsHavePages from './rules/lists-have-pages.js';
import locksAreDeclared from './rules/locks-are-declared.js';
import logThroughTheLogger from './rules/log-through-the-logger.js';
import noEntitiesInAnswers from './rules/no-entities-in-answers.js';
import noEnvironmentOutsideConfig from './rules/no-environment-outside-config.js';
import noQueriesBesideTransactions from './rules/no-queries-beside-transactions.js';
import noQueriesInLoops from './rules/no-queries-in-loops.js';
import noRepositoriesInControllers from './rules/no-repositories-in-controllers.js';
import noSqlFromText from './rules/no-sql-from-text.js';
import oneClock from './rules/one-clock.js';
import otherSystemsBehindGateways from './rules/other-systems-behind-gateways.js';
import routesDeclareProblems from './rules/routes-declare-problems.js';
import routesSayWho from './rules/routes-say-who.js';
import throwProblems from './rules/throw-problems.js';
import workIsAJob from './rules/work-is-a-job.js';

/** The rules of docs/architecture.md that a file shows by itself; those between files are .dependency-cruiser.js's. */
export default {
  meta: { name: 'stockroom' },
  rules: {
    'classes-in-their-place': classesInTheirPlace,
    'features-own-their-tables': featuresOwnTheirTables,
    'input-is-bounded': inputIsBounded,
    'lists-have-pages': listsHavePages,
    'locks-are-declared': locksAreDeclared,
    'log-through-the-logger': logThroughTheLogger,
    'no-entities-in-answers': noEntitiesInAnswers,
    'no-environment-outside-config': noEnvironmentOutsideConfig,
    'no-queries-beside-transactions': noQueriesBesideTransactions,
    'no-queries-in-loops': noQueriesInLoops,
    'no-repositories-in-controllers': noRepositoriesInControllers,
    'no-sql-from-text': noSqlFromText,
    'one-clock': oneClock,
    'other-systems-behind-gateways': otherSystemsBehindGateways,
    'routes-declare-problems': routesDeclareProblems,
    'routes-say-who': routesSayWho,
    'throw-problems': throwProblems,
    'work-is-a-job': workIsAJob,
  },
};
