import { runCommand } from '../../src/common/cli/run-command.js';
import { StartError } from '../../src/common/config/start-error.js';
import { readCredentials, readOptions, USAGE } from './options.js';
import { replay } from './replay.js';

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(USAGE);
    return;
  }
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort(new StartError('Interrupted. Run it again to continue.'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  process.exitCode = await replay(options, () => readCredentials(process.env), {
    print: (text) => process.stdout.write(text),
    signal: stop.signal,
  });
});
