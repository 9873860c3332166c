// Generates features of every kind in a copy of the project, and has everything checked and tested there.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run test:generated -- [options]

Copies the project to a temporary folder; there it runs the commands of docs/extending.md as they stand, generates features
with every type of field and every option, and runs the checks and the tests.

  --only tutorial|features   one of the two
  --keep                     leave the folder there, to look at it
  --help                     show this
`;

/** Every type of field with every flag that goes with it, and every option. */
const FEATURES = [
  [
    'offers --owned --soft-delete',
    'title:text:2..80:unique,searchable',
    'note:text:500:optional,searchable',
    'rating:int:1..5:indexed',
    'price:money:indexed',
    'active:boolean:indexed',
    'state:enum:draft,open:indexed',
    'startsAt:date-time:indexed',
    'endsAt:date-time:optional',
    'details:json',
    'series:uuid:indexed',
    'product:ref:products:unique',
    'category:ref:categories:optional',
    'gifts:refs:products',
  ],
  [
    'loan-notes',
    'number:int:1..1000000:unique',
    'signedAt:date-time:unique',
    'reference:uuid:unique',
    'product:ref:products:unique',
    'borrower:ref:users',
    'previous:ref:loan-notes:optional',
    'covers:refs:loan-notes',
    'rank:int:-9..9:optional,indexed',
    'settled:boolean:optional,indexed',
    'kind:enum:short,long:optional,indexed',
    'paidAt:date-time:optional,indexed',
    'batch:uuid:optional,indexed',
    'nickname:text:40:optional,unique',
    'remark:text:0..40:indexed',
    'fee:money',
  ],
  [
    'exchange-rates --read-only',
    'code:text:10:unique',
    'rate:int:1..5',
    'offer:ref:offers',
    'cap:money:indexed',
    'at:date-time',
    'open:boolean',
    'details:json',
  ],
  ['price-alerts --no-list --owned', 'product:ref:products:unique', 'below:money', 'note:text:200:optional'],
  ['tags'],
];

/** Fields that the last of them gets afterwards, and what the rows that are there have in those that are required. */
const FIELDS = [
  '--field=colour:enum:red,blue:indexed',
  '--existing=colour=red',
  '--field=price:money:indexed',
  '--existing=price=100GBP',
  '--field=weight:int:0..100:optional,indexed',
  '--field=label:text:40:optional,searchable',
  '--field=code:text:20:optional,unique',
  '--field=endsAt:date-time:optional,indexed',
  '--field=details:json',
  '--field=product:ref:products:optional',
  '--field=similar:refs:tags',
];

/** What looks at every operation or every feature. */
const TESTS = ['contract', 'fuzz', 'costs', 'pages', 'plans', 'methods', 'permissions', 'client'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  process.stdout.write(USAGE);
} else if (options.only !== undefined && !['tutorial', 'features'].includes(options.only)) {
  process.stderr.write(`--only ${options.only}: there are tutorial and features\n`);
  process.exitCode = 1;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'stockroom-generated-'));
  try {
    copyTo(folder);
    if (options.only !== 'features') await runTutorial(folder);
    if (options.only !== 'tutorial') testFeatures(folder);
    if (!options.keep) rmSync(folder, { recursive: true });
  } catch (error) {
    process.stderr.write(`${error.message}\nWhat was generated is in ${folder}\n`);
    process.exitCode = 1;
  }
}

/** What is committed or could be, with the packages that are installed. */
function copyTo(folder) {
  step('Copy');
  const files = git('.', 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(name))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(file, join(folder, file), { preserveTimestamps: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(process.cwd(), 'bench/node_modules'), join(folder, 'bench/node_modules'));
  git(folder, 'init', '--quiet');
  commit(folder, 'chore: begin');
}

/** The tutorial's commands in one shell, as somebody types them. */
async function runTutorial(folder) {
  step('Tutorial');
  const page = readFileSync('docs/extending.md', 'utf8');
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  if (commands.length === 0) throw new Error('docs/extending.md has no commands');
  process.env.PORT = String(await freePort());
  run(folder, 'bash', '-euo', 'pipefail', '-c', commands.join('\n'));
  commit(folder, 'feat: what the tutorial makes');
}

function testFeatures(folder) {
  step('Generate, take back, generate again');
  const first = FEATURES.slice(0, 1);
  run(folder, 'npm', 'run', 'generate', 'feature', '--', 'offers', '--dry-run');
  requireClean(folder, '--dry-run');
  const once = generateAll(folder, first);
  git(folder, 'reset', '--quiet', '--hard');
  git(folder, 'clean', '--quiet', '--force', '-d');
  requireClean(folder, 'git');
  if (generateAll(folder, first) !== once) throw new Error('generated twice, it is not the same');
  step('Generate the others');
  generateAll(folder, FEATURES.slice(1));
  run(folder, 'npm', 'run', 'generate', 'field', '--', 'tags', ...FIELDS, '--timestamp', '1900000000100');
  commit(folder, 'feat: what is generated');
  run(folder, 'npm', 'run', 'generate', 'migration', '--', 'nothing');
  requireClean(folder, 'a migration of no difference');
  step('Check');
  run(folder, 'npm', 'run', 'check');
  step('Test');
  const names = FEATURES.map(([name]) => name.split(' ')[0]);
  const tests = [...names, ...TESTS].map((name) => `test/${name}\\.test`);
  run(folder, 'npm', 'test', '--', ...tests, ...names.map((name) => `src/${name}/`), 'src/products/');
}

function requireClean(folder, after) {
  const left = git(folder, 'status', '--porcelain');
  if (left !== '') throw new Error(`After ${after}, this is left:\n${left}`);
}

/** @returns what git calls the tree of files that is there then. */
function generateAll(folder, features) {
  for (const [index, [feature, ...fields]] of features.entries()) {
    const given = fields.flatMap((field) => ['--field', field]);
    const timestamp = String(1_900_000_000_000 + index + FEATURES.findIndex(([name]) => name === feature));
    run(folder, 'npm', 'run', 'generate', 'feature', '--', ...feature.split(' '), ...given, '--timestamp', timestamp);
  }
  git(folder, 'add', '--all');
  return git(folder, 'write-tree');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function step(name) {
  process.stdout.write(`\n-- ${name} (${String(Math.round(process.uptime()))} s)\n`);
}

function run(folder, command, ...args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`This failed: ${[command, ...args].join(' ')}`);
}

function git(folder, ...args) {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}

function commit(folder, message) {
  git(folder, 'add', '--all');
  git(folder, '-c', 'user.name=Stockroom', '-c', 'user.email=team@stockroom.test', 'commit', '--quiet', '-m', message);
}
