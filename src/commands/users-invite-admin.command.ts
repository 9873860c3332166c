import { runCommand } from '../common/cli/run-command.js';
import { loadConfig } from '../common/config/load-config.js';
import { inviteAdmin } from './invite-admin.js';

await runCommand(async () => {
  process.stdout.write(await inviteAdmin(process.argv.slice(2), loadConfig));
});
