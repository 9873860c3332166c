import { Semaphore } from 'async-mutex';
import { ImageChild } from './image-child.js';
import { ImageFailure, ImagesBusy } from './image-failures.js';
import type { ImageReply, ImageRequest } from './image-messages.js';

/** How many requests wait for a child at most. */
const MOST_WAITING = 100;

/** What children may use. */
export interface ChildrenLimits {
  /** How many there are at once. */
  readonly processes: number;
  /** How many pictures one processes. */
  readonly picturesPerProcess: number;
  /** How long one is kept that has nothing to do, in seconds. */
  readonly idleSeconds: number;
}

/** The children that process pictures: started when they are needed, and ended when they are not. */
export class ImageChildren {
  private readonly places: Semaphore;
  private readonly children = new Set<ImageChild>();
  /** Those that have nothing to do, with what ends them; the last is asked first, so that others reach their end. */
  private readonly idle = new Map<ImageChild, NodeJS.Timeout>();
  /** How many requests wait or are being executed. */
  private requests = 0;
  private isClosed = false;

  constructor(private readonly limits: ChildrenLimits) {
    this.places = new Semaphore(limits.processes);
  }

  /** The ids of the processes that there are. */
  get pids(): number[] {
    return [...this.children].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Has a child execute a request, as soon as one has nothing else to do. What a client waits for comes before what a job does.
   * @param limit how long a child may take, in milliseconds.
   * @throws ImagesBusy; ImageRefused `time`; ImageFailure when the child ends.
   */
  async execute(request: ImageRequest, limit: number): Promise<ImageReply> {
    if (this.requests >= this.limits.processes + MOST_WAITING) throw new ImagesBusy();
    this.requests++;
    try {
      return await this.places.runExclusive(() => this.ask(request, limit), 1, request.task === 'accept' ? 1 : 0);
    } finally {
      this.requests--;
    }
  }

  /** Ends all of them, also those at work, and executes nothing from now on: what waits fails. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const timer of this.idle.values()) clearTimeout(timer);
    await Promise.all([...this.children].map((child) => child.end()));
  }

  private async ask(request: ImageRequest, limit: number): Promise<ImageReply> {
    if (this.isClosed) throw new ImageFailure('Pictures are processed no more: the application stops.');
    const child = [...this.idle.keys()].at(-1) ?? this.start();
    clearTimeout(this.idle.get(child));
    this.idle.delete(child);
    const reply = await child.execute(request, limit);
    if (child.pictures >= this.limits.picturesPerProcess) await child.end();
    else this.rest(child);
    return reply;
  }

  private start(): ImageChild {
    const child = new ImageChild();
    this.children.add(child);
    void child.ended.then(() => {
      this.children.delete(child);
      clearTimeout(this.idle.get(child));
      this.idle.delete(child);
    });
    return child;
  }

  private rest(child: ImageChild): void {
    if (!this.children.has(child)) return;
    const timer = setTimeout(() => {
      this.idle.delete(child);
      void child.end();
    }, this.limits.idleSeconds * 1000);
    this.idle.set(child, timer.unref());
  }
}
