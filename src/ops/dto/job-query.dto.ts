import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import { JOB_STATES, type JobState } from './job.dto.js';

/** The filters of the list of jobs, the latest first. */
export class JobQuery extends PageQuery {
  /** Only the jobs of this kind: `mail.send`. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  kind?: string;

  /** Only the jobs in this state. */
  @IsOptional()
  @IsIn(JOB_STATES)
  state?: JobState;
}
