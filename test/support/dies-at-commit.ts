import { PGlite } from '@electric-sql/pglite';

// Loaded before the application (`--import`): the process is killed as it commits the row of an idempotency key to the embedded
// engine, before the engine gets the COMMIT or, with `?after`, when it has done so and the application doesn't know it yet.

const after = import.meta.url.endsWith('?after');
const engine: { execProtocolRaw: (this: PGlite, message: Uint8Array, options?: object) => Promise<Uint8Array> } =
  PGlite.prototype;
const { execProtocolRaw } = engine;
let keyed = false;

engine.execProtocolRaw = async function (message, options) {
  const bytes = Buffer.from(message);
  keyed ||= bytes.includes('INSERT INTO idempotency_keys');
  const commits = keyed && bytes.includes('COMMIT');
  if (commits && !after) process.kill(process.pid, 'SIGKILL');
  const answer = await execProtocolRaw.call(this, message, options);
  if (commits) process.kill(process.pid, 'SIGKILL');
  return answer;
};
