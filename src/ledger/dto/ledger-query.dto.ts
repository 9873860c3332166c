import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { TRANSACTION_KINDS, type TransactionKind } from '../entities/ledger-transaction.entity.js';
import { ACCOUNT_NAMES, type AccountName } from '../ledger.accounts.js';

/** A list of transactions in a span of time, the latest first. */
class PostedQuery extends PageQuery {
  /** Only what was posted at this time or later. */
  @IsOptional()
  @IsDateTime()
  from?: string;

  /** Only what was posted before this time. */
  @IsOptional()
  @IsDateTime()
  to?: string;
}

/** The filters of the list of transactions. */
export class LedgerTransactionQuery extends PostedQuery {
  /** Only the transactions of this kind. */
  @IsOptional()
  @IsIn(TRANSACTION_KINDS)
  kind?: TransactionKind;

  /** Only the transactions of this order. */
  @IsOptional()
  @IsUUID()
  orderId?: string;

  /** Only the transactions of this customer. */
  @IsOptional()
  @IsUUID()
  customerId?: string;

  /** Only the transactions that have an entry of this account. */
  @IsOptional()
  @IsIn(ACCOUNT_NAMES)
  account?: AccountName;
}

/** The filters of one's own history. */
export class CustomerTransactionQuery extends PostedQuery {}
