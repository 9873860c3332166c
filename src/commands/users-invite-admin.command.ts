import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';

await runCommand(async () => {
  // only now, as in main.ts
  const { inviteAdmin } = await import('./invite-admin.js');
  process.stdout.write(await inviteAdmin(process.argv.slice(2), loadConfig));
});
