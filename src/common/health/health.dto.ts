/** The answer to a probe. */
export class HealthDto {
  /** @example ok */
  status: 'ok';
}
