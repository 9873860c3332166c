import { Column, Entity } from 'typeorm';
import { Row } from '../../database/columns.js';

/** The states of a job: it waits, runs, is done, or was given up. */
export type JobState = 'waiting' | 'running' | 'finished' | 'dead';

/** Work that outlives the request that causes it. */
@Entity('jobs')
export class Job extends Row {
  /** The name of its kind: `mail.send`. */
  @Column('text')
  kind: string;

  /** Of the jobs of one kind with the same key, one at most waits. */
  @Column('text', { nullable: true })
  key: string | null;

  @Column('text', { default: 'waiting' })
  state: JobState;

  /** What its handler is given, as JSON; null once the job has finished. */
  @Column('jsonb', { nullable: true })
  data: unknown;

  /** From when on a process may take it: of a job that runs, the end of the lease of the process that has it. */
  @Column({ type: 'timestamptz', precision: 3 })
  dueAt: Date;

  /** How often it was begun; the executions that a stop of the process or the database cut short do not count. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** Names the one execution that may write down how the job ends. */
  @Column('uuid', { nullable: true })
  leaseId: string | null;

  @Column('bigint', { nullable: true })
  progressDone: number | null;

  @Column('bigint', { nullable: true })
  progressTotal: number | null;

  /** Why the last attempt failed. */
  @Column('text', { nullable: true })
  lastError: string | null;

  /** The request that caused it. */
  @Column('text', { nullable: true })
  requestId: string | null;

  /** The trace that the request is part of. */
  @Column('text', { nullable: true })
  traceId: string | null;

  /** The user who made the request. */
  @Column('uuid', { nullable: true })
  userId: string | null;

  /** When it finished, or was given up. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
