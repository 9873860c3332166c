// The lines between the parts of src/, read by scripts/architecture.js. A feature is any folder of src/ but commands/, common/
// and migrations/.
const FEATURE = '^src/(?!commands/|common/|migrations/)([^/]+)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'common-knows-no-feature',
      comment:
        'Declare in common/ what a feature has to give (an interface, a registry), and let the feature bring it.',
      severity: 'error',
      from: { path: '^src/common/' },
      to: { path: '^src/(?!common/)' },
    },
    {
      name: 'features-use-public-api-only',
      comment:
        "Of another feature use its module, services, DTOs, errors, events and permissions; what else is needed becomes a method of that feature's service.",
      severity: 'error',
      from: { path: FEATURE },
      to: {
        path: '^src/(?!$1/|common/)[^/]+/',
        pathNot: ['\\.(module|service|errors|permissions|events)\\.ts$', '^src/[^/]+/dto/'],
      },
    },
    {
      name: 'features-know-no-application',
      comment: 'Only a command makes the whole application; a feature takes what it needs by injection.',
      severity: 'error',
      from: { path: FEATURE },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'nothing-imports-commands',
      comment: 'What a command does is a method of a service; the command only reads its arguments and prints.',
      severity: 'error',
      from: { path: '^src/(?!commands/)' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'nothing-imports-tools',
      comment: 'A shop runs without tools/, which builds the project itself: move what both need to src/.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^tools/' },
    },
    {
      name: 'no-circles',
      comment: 'Move what both files need to a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'controllers-touch-no-database',
      comment: 'A controller calls a service.',
      severity: 'error',
      from: { path: '\\.controller\\.ts$' },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm|pg)/' },
    },
    {
      name: 'sql-in-repositories-only',
      comment:
        'SQL and TypeORM go into a *.repository.ts of the feature: give it a method, which takes and gives values, and call that.',
      severity: 'error',
      from: {
        path: '^src/(?!commands/|common/database/|migrations/)[^/]+/',
        pathNot: [
          '/entities/|\\.(entity|module|repository|spec)\\.ts$',
          // what repositories build their lists with
          '^src/common/(http/paging/|security/owners\\.ts$)',
        ],
      },
      to: {
        path: [
          'node_modules/(typeorm|@nestjs/typeorm|sql-template-tag)/',
          '^src/common/database/(statements|keyset)\\.ts$',
        ],
      },
    },
    {
      name: 'services-touch-no-request',
      comment: 'Services touch no request: the controller hands over the values, as arguments.',
      severity: 'error',
      from: { path: '\\.service\\.ts$' },
      to: { path: 'node_modules/(fastify|@nestjs/platform-fastify)/' },
    },
    {
      name: 'services-know-no-status',
      comment:
        'A service throws an AppError of a kind that common/errors or its feature defines; http/errors makes a status of its reason.',
      severity: 'error',
      from: { path: '^src/(?!common/(http|openapi|common\\.module)).*(?<!\\.spec|\\.controller)\\.ts$' },
      to: { path: '^src/common/http/(errors|problems|conditional)/' },
    },
    {
      name: 'production-needs-no-dev-dependency',
      comment: 'An image for production has no devDependencies: move the package to dependencies.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // an import of a type is a dependency too
    tsPreCompilationDeps: true,
    // what packages import is their own affair
    doNotFollow: { path: 'node_modules' },
    // packages are found by their `exports`, as Node finds them
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
