import { runCommand } from './common/cli/run-command.js';

await runCommand(async () => {
  // only now: what they import is missing from a Node.js that runCommand() refuses
  const { loadConfig } = await import('./common/config/load-config.js');
  const { start } = await import('./start.js');
  await start(loadConfig());
});
