/** One wrong value: where it stands, and what is wrong with it. */
export class FaultDto {
  /**
   * Where in the body, as a JSON Pointer.
   * @example #/price/amount
   */
  pointer?: string;

  /** Which query or path parameter. */
  parameter?: string;

  /** Which request header. */
  header?: string;

  /**
   * What is wrong, for programs: stable.
   * @example min
   */
  code: string;

  /**
   * What is wrong, for people.
   * @example "amount must not be less than 0"
   */
  detail: string;
}

/** A failure, as RFC 9457 has it. */
export class ProblemDto {
  /** The kind of problem: a page that says what it means and what to do. */
  type: string;

  /** The kind in short. */
  title: string;

  /** The HTTP status. */
  status: number;

  /** What happened this time. */
  detail: string;

  /** The address that was asked. */
  instance: string;

  /** What to name when reporting it; the log has it too. */
  requestId: string;

  /** Every wrong value, when values were wrong. */
  errors?: FaultDto[];
}
