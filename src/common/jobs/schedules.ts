import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { Clock } from '../time/clock.js';
import { JobSchedulesRepository } from './job-schedules.repository.js';
import { JobsService } from './jobs.service.js';
import type { Schedule } from './schedule-list.js';

/** Enqueues the job of each slot that has begun: once over all processes, in the transaction that moves the schedule forward. */
@Injectable()
export class Schedules {
  private readonly logger = new Logger(Schedules.name);
  /** When the next slot of each schedule begins, as far as this process knows: before, the database is not asked. */
  private readonly next = new Map<string, number>();

  constructor(
    private readonly jobs: JobsService,
    private readonly repository: JobSchedulesRepository,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Enqueues what is due. @throws what the database fails with: the slot is not lost, the next call finds it. */
  async enqueueDue(): Promise<void> {
    // eslint-disable-next-line stockroom/no-queries-in-loops -- the database is asked only for a slot that begins
    for (const schedule of this.jobs.schedules) await this.enqueueSlot(schedule);
  }

  private async enqueueSlot({ name, everySeconds, job }: Schedule): Promise<void> {
    const interval = everySeconds * 1000;
    const slot = Math.floor(this.clock.now().getTime() / interval) * interval;
    if (slot < (this.next.get(name) ?? -Infinity)) return;
    const missed = await this.transactions.run(async () => {
      const last = await this.repository.lock(name);
      if (!last) {
        // a schedule begins with the next slot
        await this.repository.insert(name, new Date(slot));
        return 0;
      }
      if (last.getTime() >= slot) return 0;
      await this.repository.update(name, new Date(slot));
      // one that is late does the work of those behind it
      await this.jobs.enqueue(job, null, { key: name });
      return Math.ceil((slot - last.getTime()) / interval) - 1;
    });
    this.next.set(name, slot + interval);
    if (missed > 0) {
      this.logger.warn(
        { schedule: name, missed },
        'Slots of a schedule were missed; the job is done once for all of them.',
      );
    }
  }
}
