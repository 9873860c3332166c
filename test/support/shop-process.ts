import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The application, compiled for the tests or built, as a process of its own, on a port that is free. */
export class ShopProcess {
  /** The signal that ended it; null when it ended by itself. */
  readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.ended = once(child, 'exit').then(([, signal]: unknown[]) => signal);
  }

  /** Starts what is compiled for the tests, and waits until it is open. @param flags of Node.js. */
  static start(env: Record<string, string>, ...flags: string[]): Promise<ShopProcess> {
    return ShopProcess.startProgram('generated/tests/src/main.js', env, flags);
  }

  /** Starts what `npm run build` has built, and waits until it is open. @param flags of Node.js. */
  static startBuilt(env: Record<string, string>, ...flags: string[]): Promise<ShopProcess> {
    return ShopProcess.startProgram('dist/src/main.js', env, flags);
  }

  private static async startProgram(
    program: string,
    env: Record<string, string>,
    flags: readonly string[],
  ): Promise<ShopProcess> {
    const child = spawn(process.execPath, [...flags, program], {
      env: { ...process.env, NODE_ENV: 'development', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const { stdout } = child;
    if (!stdout) throw new Error('the output of the application is not piped');
    for await (const line of createInterface(stdout)) {
      const url = /is open: (http\S+)\/docs/.exec(line)?.[1];
      if (!url) continue;
      stdout.resume();
      return new ShopProcess(child, url);
    }
    throw new Error('The application ended before it was open.');
  }

  /** The id of the process. */
  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the process has not begun');
    return pid;
  }

  /** Sends something to what was loaded into it by a flag (`--import`); nothing once it has ended. */
  send(message: object): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Asks it to end (SIGTERM). */
  terminate(): void {
    this.child.kill('SIGTERM');
  }

  /** Kills it (`kill -9`), and waits until it has ended. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
