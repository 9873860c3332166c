import { runCommand } from './common/cli/run-command.js';
import { loadConfig } from './common/config/load-config.js';
import { start } from './start.js';

await runCommand(async () => {
  await start(loadConfig());
});
