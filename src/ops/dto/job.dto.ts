import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import type { JobCount, JobRow } from '../../common/jobs/jobs.overview.repository.js';
import { IsDateTime } from '../../common/time/date-time.js';

/** The states of a job: it waits, runs, is done, or was given up. */
export const JOB_STATES = ['waiting', 'running', 'finished', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How many counts there are at most. */
export const MAX_COUNTS = 1000;

/** How far a job is, as it reports itself. */
export class JobProgressDto {
  /** @example 25 */
  @Min(0)
  done: number;

  /**
   * Null when nobody knows.
   * @example 100
   */
  total: number | null;
}

/** A job as it goes out, without its data. */
export class JobDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** @example mail.send */
  @MaxLength(100)
  kind: string;

  /** Of the jobs of one kind with the same key, one at most waits. */
  @MaxLength(200)
  key: string | null;

  @ApiProperty({ enum: JOB_STATES, example: 'dead' })
  state: JobState;

  /**
   * How often it was begun.
   * @example 18
   */
  @Min(0)
  attempts: number;

  /** When it is to begin; null unless it waits. */
  @IsDateTime()
  runAt: string | null;

  progress: JobProgressDto | null;

  /**
   * Why the last attempt failed.
   * @example "MailNotDelivered: the mail was not delivered (ECONNREFUSED)"
   */
  @MaxLength(1000)
  lastError: string | null;

  /** The request that caused it; null of a schedule. */
  @MaxLength(200)
  requestId: string | null;

  /** The user who made the request. */
  @IsUUID()
  userId: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;

  /** When it finished, or was given up. */
  @IsDateTime()
  finishedAt: string | null;
}

/** A page of jobs. */
export class JobPage extends PageOf(JobDto) {}

/** How many jobs of a kind are in a state. */
export class JobCountDto {
  /** @example mail.send */
  @MaxLength(100)
  kind: string;

  @ApiProperty({ enum: JOB_STATES, example: 'dead' })
  state: JobState;

  /** @example 3 */
  @Min(0)
  count: number;
}

/** How many jobs there are, by kind and state. */
export class JobCountsDto {
  @ArrayMaxSize(MAX_COUNTS)
  counts: JobCountDto[];
}

export const toJobDto = (row: JobRow): JobDto => ({
  id: row.id,
  kind: row.kind,
  key: row.key,
  state: row.state,
  attempts: row.attempts,
  runAt: row.state === 'waiting' ? row.dueAt.toISOString() : null,
  progress: row.progressDone === null ? null : { done: row.progressDone, total: row.progressTotal },
  lastError: row.lastError,
  requestId: row.requestId,
  userId: row.userId,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
});

export const toJobCountDto = ({ kind, state, count }: JobCount): JobCountDto => ({ kind, state, count });
