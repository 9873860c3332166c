import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a schedule is. The process that moves it forward enqueues the job, so that each slot is done once. */
@Entity('job_schedules')
export class JobSchedule {
  @PrimaryColumn('text')
  name: string;

  /** The beginning of the last slot that a job was enqueued for. */
  @Column({ type: 'timestamptz', precision: 3 })
  lastSlot: Date;
}
