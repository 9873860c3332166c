import { IsInt, IsOptional, Max, MaxLength, Min } from 'class-validator';

/** What is to be paid. */
export class SaleDto {
  /** @example 1999 */
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  amount: number;
}

/** Where. */
export class TillQuery {
  /** @example east */
  @IsOptional()
  @MaxLength(20)
  till?: string;
}

/** That it was paid. */
export class ReceiptDto {
  id: string;
  amount: number;
  till: string | null;
  soldAt: Date;
}
