import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

await runCommand(async () => {
  // only now, as in main.ts
  const [{ STOCK_VERIFICATION }, { runVerification }] = await Promise.all([
    import('./inventory-verify.js'),
    import('./verify.js'),
  ]);
  const print = (text: string): boolean => process.stdout.write(text);
  process.exitCode = await runVerification(STOCK_VERIFICATION, process.argv.slice(2), loadConfig, print);
});
