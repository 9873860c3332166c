import { IsInt, IsUUID, Max, MaxLength, Min } from 'class-validator';

export class ChargeInputDto {
  /** @example 100 */
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  amount: number;
}

export class ChargeDto {
  @IsUUID()
  id: string;

  /** @example 100 */
  @Min(1)
  @Max(1_000_000)
  amount: number;

  /** @example "charged" */
  @MaxLength(20)
  state: string;
}
