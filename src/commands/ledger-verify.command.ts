import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

await runCommand(async () => {
  // only now, as in main.ts
  const { verifyLedger } = await import('./ledger-verify.js');
  const { text, isGood } = await verifyLedger(process.argv.slice(2), loadConfig);
  process.stdout.write(text);
  if (!isGood) process.exitCode = 1;
});
