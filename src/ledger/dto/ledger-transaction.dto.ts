import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { TRANSACTION_KINDS, type TransactionKind } from '../entities/ledger-transaction.entity.js';
import { ACCOUNT_NAMES } from '../ledger.accounts.js';
import type { EntryRow, TransactionRow } from '../ledger.repository.js';
import { SignedMoneyDto } from './signed-money.dto.js';

/** The maximum number of entries of a transaction that a response shows. */
const MAX_ENTRIES = 1000;

/** What a transaction is caused by. */
export class LedgerCauseDto {
  /**
   * The kind of thing that it is.
   * @example payment-attempt
   */
  @MaxLength(50)
  type: string;

  @IsUUID()
  id: string;
}

/** An entry of a transaction as it goes out. */
export class LedgerEntryDto {
  @ApiProperty({ enum: ACCOUNT_NAMES, example: 'clearing' })
  account: string;

  /** A debit is positive, a credit negative. */
  amount: SignedMoneyDto;
}

/** A transaction of the ledger as it goes out. */
export class LedgerTransactionDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  @ApiProperty({ enum: TRANSACTION_KINDS, example: 'payment' })
  kind: TransactionKind;

  cause: LedgerCauseDto;

  /** The customer whose money moved; null for an order without a customer. */
  @IsUUID()
  customerId: string | null;

  @IsUUID()
  orderId: string;

  /** @example "Payment of order 7K3F-9QXM" */
  @MaxLength(200)
  description: string;

  /** At least two; they sum to zero in each currency. */
  @ArrayMaxSize(MAX_ENTRIES)
  entries: LedgerEntryDto[];

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  postedAt: string;

  /** The request that caused it; null where none did. */
  @MaxLength(200)
  requestId: string | null;

  /**
   * Its place in the sealed chain, counted from 1; null until it is sealed, within a minute.
   * @example 1204
   */
  @Min(1)
  sequence: number | null;
}

/** A page of transactions of the ledger. */
export class LedgerTransactionPage extends PageOf(LedgerTransactionDto) {}

export const toLedgerTransactionDto = (row: TransactionRow): LedgerTransactionDto => ({
  id: row.id,
  kind: row.kind,
  cause: { type: row.causeType, id: row.causeId },
  customerId: row.customerId,
  orderId: row.orderId,
  description: row.description,
  entries: row.entries.map(toLedgerEntryDto),
  postedAt: row.postedAt.toISOString(),
  requestId: row.requestId,
  sequence: row.sequence,
});

const toLedgerEntryDto = ({ account, amount, currency }: EntryRow): LedgerEntryDto => ({
  account,
  amount: { amount, currency },
});
