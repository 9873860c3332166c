import { createApp } from '../../src/app.js';
import { Clock } from '../../src/common/time/clock.js';
import { PaymentsRepository } from '../../src/payments/payments.repository.js';
import { SandboxGateway } from '../../src/payments/providers/sandbox.gateway.js';
import { testConfig } from './database.js';

// A process of its own that takes payments, and kills itself at the moment of DIE_AT. It prints its address.

const env = (name: string): string => process.env[name] ?? '';

const at = (moment: string): void => {
  if (moment === env('DIE_AT')) process.kill(process.pid, 'SIGKILL');
};

const app = await createApp(testConfig({ databaseUrl: env('DATABASE_URL') || undefined, dataDir: env('DATA_DIR') }));
const later = Number(env('LATER')) * 1000;
Object.assign(app.get(Clock), { now: () => new Date(Date.now() + later) });

const sandbox = app.get(SandboxGateway);
for (const method of ['authorize', 'refund'] as const) {
  const original = sandbox[method].bind(sandbox) as SandboxGateway['refund'];
  const dying: SandboxGateway['refund'] = async (request) => {
    at('prepared');
    const answer = await original(request);
    at('called');
    return answer;
  };
  Object.assign(sandbox, { [method]: dying });
}
const attempts = app.get(PaymentsRepository);
const update = attempts.update.bind(attempts);
const dyingUpdate: typeof update = async (id, change) => {
  const updated = await update(id, change);
  at('recording');
  return updated;
};
Object.assign(attempts, { update: dyingUpdate });

await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
