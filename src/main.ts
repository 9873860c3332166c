import { loadConfig } from './common/config/load-config.js';
import { StartError } from './common/config/start-error.js';
import { start } from './start.js';

try {
  await start(loadConfig());
} catch (error) {
  const expected = error instanceof StartError;
  process.stderr.write(`${expected ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}
