import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

await runCommand(async () => {
  // only now, as in main.ts
  const { verifyPhotos } = await import('./photos-verify.js');
  process.exitCode = await verifyPhotos(process.argv.slice(2), loadConfig, (text) => process.stdout.write(text));
});
