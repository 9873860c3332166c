import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.js';
import { EventRelay } from '../../src/common/events/event-relay.js';
import { Clock } from '../../src/common/time/clock.js';
import { Counters, CountersModule } from './counters.module.js';
import { testConfig } from './database.js';

// A process of its own that moves counters and handles their events until it is killed, by others or, as it sends a statement, by
// itself: `DIE_AT` names the moment, `NTH` how often that has come by then.

const env = (name: string): string => process.env[name] ?? '';

/** The statements that a transaction has sent when it commits: what stands before the last `COMMIT`. */
const MOMENTS: Record<string, (text: string, before: readonly string[]) => boolean> = {
  'before it gives positions': (text) => text.includes('UPDATE event_sequencer'),
  'before it commits positions': (text, [last]) =>
    text === 'COMMIT' && last?.includes('UPDATE event_sequencer') === true,
  'as it has committed positions': (_, [last, one]) =>
    last === 'COMMIT' && one?.includes('UPDATE event_sequencer') === true,
  'before a handler writes': (text) => text.includes('INSERT INTO effects'),
  'after a handler has written': (text) => text.includes('UPDATE event_consumers SET position'),
  'before it commits effects': (text, [last]) => text === 'COMMIT' && last?.includes('UPDATE event_consumers') === true,
  'as it has committed effects': (_, [last, one]) =>
    last === 'COMMIT' && one?.includes('UPDATE event_consumers') === true,
  'as an event that failed is done': (text) => text.includes('DELETE FROM event_deliveries'),
};

const config = testConfig({ databaseUrl: env('DATABASE_URL') || undefined, dataDir: env('DATA_DIR') });
const app = await createApp(config, undefined, [CountersModule]);
const counters = app.get(Counters);
const later = Number(env('LATER')) * 1000;
Object.assign(app.get(Clock), { now: () => new Date(Date.now() + later) });
counters.after = () => {
  if (Math.random() < 0.1) throw new Error('sometimes');
};

const isMoment = MOMENTS[env('DIE_AT')];
let left = Number(env('NTH'));
let sent: string[] = [];
app.get(DataSource).logger.logQuery = (text) => {
  if (isMoment?.(text, sent) === true && --left === 0) process.kill(process.pid, 'SIGKILL');
  sent = [text, ...sent].slice(0, 2);
};

await app.init();
process.stdout.write('ready\n');
const end = Date.now() + 20_000;
await Promise.all(
  env('COUNTERS')
    .split(',')
    .map(async (id) => {
      while (Date.now() < end) {
        await counters.move(id);
        // the embedded engine has one connection, which the relay needs, too
        await app.get(EventRelay).idle();
      }
    }),
);
await app.close();
