import classesInTheirPlace from './rules/classes-in-their-place.js';
import noEntitiesInAnswers from './rules/no-entities-in-answers.js';
import noEnvironmentOutsideConfig from './rules/no-environment-outside-config.js';
import noQueriesBesideTransactions from './rules/no-queries-beside-transactions.js';
import noRepositoriesInControllers from './rules/no-repositories-in-controllers.js';
import routesSayWho from './rules/routes-say-who.js';

/** The rules of docs/architecture.md that a file shows by itself; those between files are .dependency-cruiser.js's. */
export default {
  meta: { name: 'stockroom' },
  rules: {
    'classes-in-their-place': classesInTheirPlace,
    'no-entities-in-answers': noEntitiesInAnswers,
    'no-environment-outside-config': noEnvironmentOutsideConfig,
    'no-queries-beside-transactions': noQueriesBesideTransactions,
    'no-repositories-in-controllers': noRepositoriesInControllers,
    'routes-say-who': routesSayWho,
  },
};
