import { AsyncLocalStorage } from 'node:async_hooks';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config/config.js';
import { JobRunner } from './job-runner.js';
import { Schedules } from './schedules.js';

/** The shortest pause between two looks, in milliseconds, and how much longer it may be: processes do not look together. */
const PAUSE = 2000;
const JITTER = 500;

/**
 * Looks again and again for slots that have begun, and for jobs that other processes left, or that waited for their time; what this process
 * enqueues it begins at once. With nothing to do that is one statement in each pause.
 */
@Injectable()
export class JobPoll implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JobPoll.name);
  private readonly outside = AsyncLocalStorage.snapshot();
  private timer?: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;
  private isAway = false;

  constructor(
    private readonly runner: JobRunner,
    private readonly schedules: Schedules,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.backgroundWork) return;
    this.outside(() => {
      this.plan(Math.random() * JITTER);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Looks now. Never fails: what the database cannot say now is asked again. */
  async look(): Promise<void> {
    try {
      await this.schedules.enqueueDue();
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) this.logger.error({ err: error }, 'Schedules could not be looked at; this is tried again.');
      this.isAway = true;
    }
    this.runner.wake();
  }

  /** Looks no more by itself. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private plan(pause: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => {
        this.plan(PAUSE + Math.random() * JITTER);
      });
    }, pause).unref();
  }
}
