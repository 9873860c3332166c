import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

// Loaded before the built application (`--import`): sets its clock ahead, has the sandbox take its time as a provider does, and kills the
// process at a moment. What is asked for comes from the parent process; nothing of it is in the application itself.

/** What the parent process asks for. */
export interface Instruction {
  /** By how much the clock is ahead, in milliseconds. */
  ahead?: number;
  /** The moment at which the process is to be killed; null for none. */
  crashAt?: string | null;
}

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** The longest pause before the provider does what it is asked, and before it answers, in milliseconds. */
const PROVIDER_PAUSE = 15;

/** How many times as often as usual jobs that are due are looked for: time that passes is noticed soon. */
const POLLS = 10;

const at = new URL(import.meta.url).searchParams;
let ahead = Number(at.get('ahead'));
let crashAt: string | null = null;
process.on('message', (instruction: Instruction) => {
  ahead = instruction.ahead ?? ahead;
  if (instruction.crashAt !== undefined) crashAt = instruction.crashAt;
});
// nothing is left when the parent process is killed
process.on('disconnect', () => process.exit(1));
process.channel?.unref();

/** The built module of a source. */
const load = async <Module>(path: string): Promise<Module> =>
  (await import(new URL(path, pathToFileURL(`${process.cwd()}/dist/src/`)).href)) as Module;

const { Clock } = await load<typeof import('../../src/common/time/clock.js')>('common/time/clock.js');
Object.assign(Clock.prototype, { now: () => new Date(Date.now() + ahead) });

const { JobPoll } = await load<typeof import('../../src/common/jobs/job-poll.js')>('common/jobs/job-poll.js');
const plan = Reflect.get(JobPoll.prototype, 'plan') as (this: unknown, pause: number) => void;
Object.assign(JobPoll.prototype, {
  plan(this: unknown, pause: number) {
    plan.call(this, pause / POLLS);
  },
});

/** The unit of work that is open, and the moment after its commit. */
const unit = new AsyncLocalStorage<{ committed?: string; isOpen: boolean }>();

function reach(moment: string): void {
  if (moment === crashAt) process.kill(process.pid, 'SIGKILL');
}

/** Something has been written in the open unit of work: one moment is now, the other one after the commit. */
function written(now: string, committed: string): void {
  reach(now);
  const open = unit.getStore();
  if (open) open.committed ??= committed;
}

/** Puts something around a method of a class. */
function around(
  prototype: object,
  name: string,
  wrap: (original: () => Promise<unknown>, args: unknown[]) => Promise<unknown>,
): void {
  const original = Reflect.get(prototype, name) as Method;
  const wrapped: Method = function (...args) {
    return wrap(() => original.apply(this, args), args);
  };
  Object.assign(prototype, { [name]: wrapped });
}

const { Transactions } = await load<typeof import('../../src/common/database/transactions.js')>(
  'common/database/transactions.js',
);
around(Transactions.prototype, 'run', async (original) => {
  if (unit.getStore()?.isOpen) return original();
  const opened: { committed?: string; isOpen: boolean } = { isOpen: true };
  const result = await unit.run(opened, original);
  opened.isOpen = false;
  if (opened.committed !== undefined) reach(opened.committed);
  return result;
});

const { OrdersRepository } =
  await load<typeof import('../../src/orders/orders.repository.js')>('orders/orders.repository.js');
around(OrdersRepository.prototype, 'insert', async (original) => {
  const order = await original();
  written('an order is inserted', 'an order is placed');
  return order;
});

const { ReservationsRepository } = await load<typeof import('../../src/inventory/reservations.repository.js')>(
  'inventory/reservations.repository.js',
);
around(ReservationsRepository.prototype, 'reserve', async (original) => {
  const outcome = await original();
  reach('stock is reserved');
  return outcome;
});
around(ReservationsRepository.prototype, 'release', async (original) => {
  const levels = await original();
  written('stock is released', 'a release is committed');
  return levels;
});
around(ReservationsRepository.prototype, 'move', async (original, [, movement]) => {
  const levels = await original();
  const { cause } = movement as { cause: string };
  if (cause === 'sale') reach('stock is sold');
  else written('stock is returned', 'a return is committed');
  return levels;
});

const { PaymentsRepository } = await load<typeof import('../../src/payments/payments.repository.js')>(
  'payments/payments.repository.js',
);
for (const name of ['insert', 'insertOnce']) {
  around(PaymentsRepository.prototype, name, async (original, [attempt]) => {
    const inserted = await original();
    reach(`a ${(attempt as { operation: string }).operation} is inserted`);
    return inserted;
  });
}
around(PaymentsRepository.prototype, 'update', async (original) => {
  const attempt = (await original()) as { operation: string; state: string };
  if (attempt.state === 'succeeded')
    written(`a ${attempt.operation} is recorded`, `a ${attempt.operation} is committed`);
  return attempt;
});

const { SandboxGateway } = await load<typeof import('../../src/payments/providers/sandbox.gateway.js')>(
  'payments/providers/sandbox.gateway.js',
);
const pause = (): Promise<void> => delay(Math.random() * PROVIDER_PAUSE);
for (const [name, operation] of [
  ['authorize', 'capture'],
  ['capture', 'later capture'],
  ['void', 'void'],
  ['refund', 'refund'],
] as const) {
  around(SandboxGateway.prototype, name, async (original) => {
    reach(`a ${operation} is prepared`);
    await pause();
    try {
      return await original();
    } finally {
      reach(`a ${operation} is called`);
      await pause();
    }
  });
}
