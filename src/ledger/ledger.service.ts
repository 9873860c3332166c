import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { requestContext } from '../common/context/request-context.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import { type CustomerTransactionPage, toCustomerTransactionDto } from './dto/customer-transaction.dto.js';
import type { CustomerTransactionQuery, LedgerTransactionQuery } from './dto/ledger-query.dto.js';
import {
  type LedgerTransactionDto,
  type LedgerTransactionPage,
  toLedgerTransactionDto,
} from './dto/ledger-transaction.dto.js';
import { toTrialBalanceDto, type TrialBalanceDto } from './dto/trial-balance.dto.js';
import { kindOf } from './ledger.accounts.js';
import { LedgerHeadService } from './ledger.head.service.js';
import { entriesOf, type Posting } from './ledger.postings.js';
import { LedgerRepository } from './ledger.repository.js';

/** The ledger of the shop, in double entry: what was posted is never changed, and made up for by another posting. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly head: LedgerHeadService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** One page of all transactions, the latest first. */
  async list(asked: LedgerTransactionQuery): Promise<LedgerTransactionPage> {
    return mapPage(await this.ledger.readPage(this.pages.open(asked)), toLedgerTransactionDto);
  }

  /** One page of the caller's own transactions, the latest first. */
  async listOwn(asked: CustomerTransactionQuery, { userId }: Caller): Promise<CustomerTransactionPage> {
    return mapPage(await this.ledger.readPageOf(userId, this.pages.open(asked, userId)), toCustomerTransactionDto);
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<LedgerTransactionDto> {
    const row = await this.ledger.find(id);
    if (!row) throw new AppError(NotFound, `There is no transaction ${id}.`);
    return toLedgerTransactionDto(row);
  }

  /** All balances of now, and the end of the sealed chain. */
  async readTrialBalance(): Promise<TrialBalanceDto> {
    return toTrialBalanceDto(await this.ledger.sumBalances(), await this.head.read());
  }

  /**
   * Posts a transaction, in the unit of work of what causes it. Entries of zero are left out.
   * @throws WrongPosting for entries that are not zero in each currency; the database refuses a second posting of a kind for one
   * cause (`ledger_transactions_unique_by_cause`).
   */
  post(posting: Posting): void {
    this.transactions.requireOpen('a transaction is posted to the ledger');
    const entries = entriesOf(posting);
    const { kind, cause, customerId, orderId, description } = posting;
    this.ledger.insert(
      {
        id: uuidv7(),
        kind,
        causeType: cause.type,
        causeId: cause.id,
        customerId,
        orderId,
        description,
        entryCount: entries.length,
        postedAt: this.clock.now(),
        requestId: requestContext().requestId ?? null,
      },
      entries.map((entry, index) => ({ ...entry, line: index + 1, kind: kindOf(entry.account) })),
    );
  }
}
