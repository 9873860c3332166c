import { createApp } from '../../src/app.js';
import { Clock } from '../../src/common/time/clock.js';
import { ChargesModule } from './charges.controller.js';
import { Charges } from './charges.service.js';
import { testConfig } from './database.js';

// A process of its own that charges at the provider of PROVIDER, and kills itself at the moment of DIE_AT. It prints its address.

const env = (name: string): string => process.env[name] ?? '';

const config = testConfig({ databaseUrl: env('DATABASE_URL') || undefined, dataDir: env('DATA_DIR') });
const app = await createApp(config, undefined, [ChargesModule]);
const later = Number(env('LATER')) * 1000;
Object.assign(app.get(Clock), { now: () => new Date(Date.now() + later) });
const charges = app.get(Charges);
charges.at = (moment) => {
  if (moment === env('DIE_AT')) process.kill(process.pid, 'SIGKILL');
};
charges.provider = {
  charge: async (id, amount) => {
    const response = await fetch(`${env('PROVIDER')}/${id}?amount=${String(amount)}`, { method: 'POST' });
    if (!response.ok) throw new Error(`the provider answers ${String(response.status)}`);
    return response.text();
  },
};
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
