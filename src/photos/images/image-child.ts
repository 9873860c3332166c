import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ImageFailure, ImageRefused } from './image-failures.js';
import { type ImageReply, type ImageRequest, parseReply, READY } from './image-messages.js';

/** The program of a child, compiled. Tests run the sources: what is compiled for them lies elsewhere. */
const PROGRAM = import.meta.filename.endsWith('.ts')
  ? resolve('generated/tests/src/photos/images/image.process.js')
  : join(import.meta.dirname, 'image.process.js');

/** How long a child may take until it can be asked, in milliseconds: it loads a library of 20 MB, on a machine that may be busy. */
const LONGEST_START = 30_000;

/** For JavaScript, in MB. Pixels are not in it: their number is limited. */
const HEAP = 64;

/**
 * Nothing of the environment of the application, which has secrets. Memory that several threads allocate is scattered and stays
 * with the process (lovell/sharp#955): with these it takes half as much, in the same time.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '1' };

/** A process that decodes and encodes pictures, one at a time. What happens to it, happens to nothing else. */
export class ImageChild {
  private readonly process: ChildProcess;
  private readonly ready: Promise<unknown>;
  /** Resolves when it has ended, with how it did. */
  readonly ended: Promise<string>;

  constructor() {
    this.process = fork(PROGRAM, [], {
      env: ENVIRONMENT,
      // not those of this process
      execArgv: [`--max-old-space-size=${String(HEAP)}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ended = new Promise((settle) => {
      this.process.on('exit', (code, signal) => {
        settle(signal ?? `exit code ${String(code)}`);
      });
      this.process.on('error', (error) => {
        // one that runs, exits sooner or later
        if (this.process.pid === undefined) settle(error.message);
      });
    });
    this.ready = this.nextMessage(LONGEST_START, new ImageFailure('The process for pictures does not start.'));
    // it is awaited when there is something to do
    this.ready.catch(() => undefined);
  }

  /** Its id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  /** How many pictures it was asked to process. */
  pictures = 0;

  /**
   * Has it process one picture. When this throws, it has ended.
   * @param limit how long that may take once it has started, in milliseconds.
   * @throws ImageRefused `time` when it takes longer; ImageFailure when it ends, or answers what it should not.
   */
  async execute(request: ImageRequest, limit: number): Promise<ImageReply> {
    this.keepParent(true);
    try {
      if ((await this.ready) !== READY) throw new ImageFailure('The process for pictures did not start as it should.');
      this.pictures++;
      this.process.send(request, () => undefined);
      const reply = parseReply(await this.nextMessage(limit, new ImageRefused('time')));
      if (!reply) throw new ImageFailure('The process for pictures answered what is no reply.');
      return reply;
    } catch (error) {
      await this.end();
      if (error instanceof ImageFailure || error instanceof ImageRefused) throw error;
      throw new ImageFailure('The process for pictures does not work.', { cause: error });
    } finally {
      this.keepParent(false);
    }
  }

  /** Ends it at once (SIGKILL), also in the middle of a picture, and waits until it has ended. */
  async end(): Promise<void> {
    this.process.kill('SIGKILL');
    // also when nothing else is left to do
    this.process.ref();
    await this.ended;
  }

  /** @throws ImageFailure when it ends; `late` when nothing comes within so many milliseconds. */
  private async nextMessage(limit: number, late: Error): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    try {
      return await Promise.race([
        once(this.process, 'message', { signal }).then(([message]: unknown[]) => message),
        this.ended.then((how) => {
          throw new ImageFailure(`The process for pictures has ended: ${how}.`);
        }),
        setTimeout(limit, undefined, { ref: false, signal }).then(() => {
          throw late;
        }),
      ]);
    } finally {
      over.abort();
    }
  }

  /** Whether this process goes on as long as the child does. */
  private keepParent(keep: boolean): void {
    const { channel } = this.process;
    if (keep) {
      this.process.ref();
      channel?.ref();
    } else {
      this.process.unref();
      channel?.unref();
    }
  }
}
