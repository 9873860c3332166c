import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The application, compiled for the tests, as a process of its own, on a port that is free. */
export class ShopProcess {
  /** The signal that ended it; null when it ended by itself. */
  readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.ended = once(child, 'exit').then(([, signal]: unknown[]) => signal);
  }

  /** Starts it, and waits until it is open. @param flags of Node.js. */
  static async start(env: Record<string, string>, ...flags: string[]): Promise<ShopProcess> {
    const child = spawn(process.execPath, [...flags, 'generated/tests/src/main.js'], {
      env: { ...process.env, NODE_ENV: 'development', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      const url = /is open: (http\S+)\/docs/.exec(line)?.[1];
      if (!url) continue;
      child.stdout.resume();
      return new ShopProcess(child, url);
    }
    throw new Error('The application ended before it was open.');
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
