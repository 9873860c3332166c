import { StartError } from '../config/start-error.js';
import { refusalOf } from './node-version.js';

/**
 * Runs a command to its end. What the person at the terminal can fix (wrong arguments, a missing file, no server) is
 * one line on standard error; any other failure keeps its stack. Either way the exit code is 1. So it is with a Node.js that is
 * too old.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    const refusal = refusalOf(process.version);
    if (refusal) throw new StartError(refusal);
    await command();
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isForThePerson(error) ? error.message : (error.stack ?? error.message);
}

function isForThePerson(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  // SQLSTATE class 28 and 3D000: no such user, wrong password, no such database
  const refusedByServer = /^(28\w{3}|3D000)$/.test(code);
  return error instanceof StartError || code.startsWith('ERR_PARSE_ARGS') || refusedByServer || 'syscall' in error;
}
