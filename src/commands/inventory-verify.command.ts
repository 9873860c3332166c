import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

await runCommand(async () => {
  // only now, as in main.ts
  const { verifyInventory } = await import('./inventory-verify.js');
  process.exitCode = await verifyInventory(process.argv.slice(2), loadConfig, (text) => process.stdout.write(text));
});
