import { ArrayMaxSize, IsUrl, Matches, Max, MaxLength, Min } from 'class-validator';
import { LONGEST, MOST_FAULTS } from '../../errors/app-error.js';

/** One wrong value: where it stands, and what is wrong with it. */
export class FaultDto {
  /**
   * Where in the body, as a JSON Pointer.
   * @example #/price/amount
   */
  @MaxLength(LONGEST.place)
  pointer?: string;

  /**
   * Which query or path parameter.
   * @example limit
   */
  @MaxLength(LONGEST.place)
  parameter?: string;

  /**
   * Which request header.
   * @example If-Match
   */
  @MaxLength(LONGEST.place)
  header?: string;

  /**
   * What is wrong, for programs: stable. `/problems` lists all codes.
   * @example min
   */
  @Matches(/^[A-Za-z0-9._-]+$/)
  @MaxLength(64)
  code: string;

  /**
   * What is wrong, for people.
   * @example "must be at least 0"
   */
  @MaxLength(LONGEST.detail)
  detail: string;
}

/** A failure, as RFC 9457 has it. */
export class ProblemDto {
  /** The kind of problem: a page that says what it means and what to do. */
  @IsUrl()
  type: string;

  /** The kind in short. */
  @MaxLength(100)
  title: string;

  /** The HTTP status. */
  @Min(400)
  @Max(599)
  status: number;

  /**
   * The kind for programs: the last segment of `type`, which does not depend on the server's address. Stable; `/problems` lists all.
   * @example validation-failed
   */
  @Matches(/^[a-z0-9-]+$/)
  @MaxLength(64)
  code: string;

  /** What happened this time. */
  @MaxLength(LONGEST.detail)
  detail: string;

  /** The address that was asked. */
  @MaxLength(16_384)
  instance: string;

  /** What to name when reporting it; the log has it too. */
  @Matches(/^[A-Za-z0-9._-]+$/)
  @MaxLength(64)
  requestId: string;

  /** The wrong values, when values were wrong: the first hundred. */
  @ArrayMaxSize(MOST_FAULTS)
  errors?: FaultDto[];
}
