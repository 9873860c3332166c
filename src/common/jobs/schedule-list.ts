import type { JobKind } from './define-job.js';

/** Something that is done again and again. */
export interface Schedule {
  readonly name: string;
  readonly everySeconds: number;
  readonly job: JobKind<null>;
}

/** What a process does again and again. */
export class ScheduleList {
  private readonly schedules: Schedule[] = [];

  get all(): readonly Schedule[] {
    return this.schedules;
  }

  /** @throws Error for a second one of the same name. */
  add(schedule: Schedule): void {
    if (this.schedules.some(({ name }) => name === schedule.name)) {
      throw new Error(`the schedule ${schedule.name} is defined twice`);
    }
    this.schedules.push(schedule);
  }
}
