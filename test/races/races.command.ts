import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runCommand } from '../../src/common/cli/run-command.js';
import { StartError } from '../../src/common/config/start-error.js';
import { RacesDatabase } from './database.js';
import { Race, type Scenario } from './race.js';
import { crashes } from './scenarios/crashes.js';
import { expiry } from './scenarios/expiry.js';
import { lastUnit } from './scenarios/last-unit.js';
import { oneCapture } from './scenarios/one-capture.js';
import { oppositeOrders } from './scenarios/opposite-orders.js';
import { randomKills } from './scenarios/random-kills.js';
import { randomOperations, unreliableProvider } from './scenarios/random-operations.js';
import { refunds } from './scenarios/refunds.js';
import { sameKey } from './scenarios/same-key.js';
import { Stockroom } from './stockroom.js';
import { tableOf } from './table.js';

const SCENARIOS: readonly Scenario[] = [
  lastUnit,
  oppositeOrders,
  expiry,
  oneCapture,
  randomOperations,
  refunds,
  sameKey,
  crashes,
  randomKills,
  unreliableProvider,
];

const HELP = `Usage: npm run test:races [-- options]

Sells at two processes of the built shop at once, on a database of its own, and kills them. Then it compares what the shop, its
ledger and the payment provider say, and what clients were answered. Prints a table; each anomaly is one line before it.

  --runs N       how often each scenario is run; those that take long do a part of it. Without it 50 times, or fewer: no run is
                 begun after its part of three minutes
  --seed S       repeats the choices of a run; how requests meet is new each time
  --only TEXT    only the scenarios whose names have this in them
  --help         show this

${SCENARIOS.map(({ name }) => `  ${name}`).join('\n')}

TEST_DATABASE_URL names the PostgreSQL server, on which it creates a database and drops it at the end.

Exit code: 0 without an anomaly; 1 with one.
`;

/** How often each scenario is run by default, and the time in which runs are begun, in milliseconds. */
const RUNS = 50;
const BUDGET = 3 * 60_000;

/** How many anomalies of a scenario are printed. */
const PRINTED = 20;

interface Options {
  /** Undefined: as many as there is time for. */
  runs: number | undefined;
  seed: number;
  scenarios: readonly Scenario[];
}

/** @returns undefined when they ask for help. @throws StartError, or an error of parseArgs, that says what is wrong. */
function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.only));
  if (scenarios.length === 0)
    throw new StartError(`--only: no scenario has "${values.only}" in its name. --help lists them.`);
  const runs = values.runs === undefined ? undefined : wholeNumber('runs', values.runs, 1);
  return { runs, seed: wholeNumber('seed', values.seed, 0), scenarios };
}

function wholeNumber(option: string, text: string, min: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= min && number < 2 ** 31) return number;
  throw new StartError(`--${option} must be a whole number from ${String(min)} on.`);
}

/** Runs a scenario; one that fails is an anomaly, too. @param end when it is to begin no further run. */
async function runScenario(
  shop: Stockroom,
  { name, run, runs }: Scenario,
  options: Options,
  end: number,
): Promise<Race> {
  const began = performance.now();
  const asked = options.runs ?? RUNS;
  const race = new Race(shop, name, runs?.(asked, shop) ?? asked, end, options.seed);
  shop.onFailure = race.report;
  await run(race).catch(race.fail);
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${name}: ${String(race.anomalies.length)} anomalies, ${String(seconds)} s\n`);
  for (const anomaly of race.anomalies.slice(0, PRINTED)) process.stdout.write(`  ${anomaly}\n`);
  return race;
}

/** Runs all scenarios, one after the other; those that end early leave their time to the others. */
async function runAll(shop: Stockroom, options: Options): Promise<Race[]> {
  const races: Race[] = [];
  const all = options.scenarios.reduce((sum, { share }) => sum + share, 0);
  let used = 0;
  for (const scenario of options.scenarios) {
    used += scenario.share;
    // from the start of this process on
    const end = options.runs === undefined ? (BUDGET * used) / all : Infinity;
    races.push(await runScenario(shop, scenario, options, end));
  }
  races.push(await runScenario(shop, VERIFICATION, options, Infinity));
  return races;
}

/** After all of them: what the project's own commands find. */
const VERIFICATION: Scenario = {
  name: 'inventory:verify, ledger:verify',
  runs: () => 1,
  share: 0,
  run: async (race) => {
    while (race.next()) for (const fault of await race.shop.verify()) race.report(fault);
  },
};

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  const database = await RacesDatabase.create(process.env.TEST_DATABASE_URL);
  // the processes of the shop end with this one
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void database.drop().finally(() => process.exit(1)));
  }
  try {
    process.stdout.write(`Seed ${String(options.seed)}\n`);
    const shop = await Stockroom.open(database);
    const races = await runAll(shop, options).finally(() => shop.close());
    process.stdout.write(tableOf(races));
    if (races.some(({ anomalies }) => anomalies.length > 0)) {
      const runs = options.runs === undefined ? '' : `--runs ${String(options.runs)} `;
      process.stdout.write(`Repeat it by: npm run test:races -- ${runs}--seed ${String(options.seed)}\n`);
      process.exitCode = 1;
    }
  } finally {
    await database.drop();
  }
});
