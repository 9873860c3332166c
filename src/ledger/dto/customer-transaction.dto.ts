import { ApiProperty } from '@nestjs/swagger';
import { IsUUID, MaxLength } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { TRANSACTION_KINDS, type TransactionKind } from '../entities/ledger-transaction.entity.js';
import type { CustomerTransactionRow } from '../ledger.repository.js';
import { SignedMoneyDto } from './signed-money.dto.js';

/** A transaction as its customer sees it. */
export class CustomerTransactionDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  @ApiProperty({ enum: TRANSACTION_KINDS, example: 'payment' })
  kind: TransactionKind;

  @IsUUID()
  orderId: string;

  /** @example "Payment of order 7K3F-9QXM" */
  @MaxLength(200)
  description: string;

  /** What you paid (positive) or got back (negative). */
  amount: SignedMoneyDto;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  postedAt: string;
}

/** A page of a customer's transactions. */
export class CustomerTransactionPage extends PageOf(CustomerTransactionDto) {}

/** The columns of the list as CSV, and where their values are. */
export const CUSTOMER_TRANSACTION_COLUMNS = {
  id: 'id',
  postedAt: 'postedAt',
  kind: 'kind',
  orderId: 'orderId',
  description: 'description',
  amount: 'amount.amount',
  currency: 'amount.currency',
} as const;

export const toCustomerTransactionDto = (row: CustomerTransactionRow): CustomerTransactionDto => ({
  id: row.id,
  kind: row.kind,
  orderId: row.orderId,
  description: row.description,
  amount: row.money,
  postedAt: row.postedAt.toISOString(),
});
