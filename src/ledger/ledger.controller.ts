import { Controller, Get, Param, Query } from '@nestjs/common';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { LedgerTransactionQuery } from './dto/ledger-query.dto.js';
import { LedgerTransactionDto, LedgerTransactionPage } from './dto/ledger-transaction.dto.js';
import { TrialBalanceDto } from './dto/trial-balance.dto.js';
import { ReadLedger } from './ledger.permissions.js';
import { LedgerService } from './ledger.service.js';

@About('The money that moved, in double entry.')
@Controller('ledger')
export class LedgerController {
  constructor(private readonly ledger: LedgerService) {}

  /** Lists transactions, the latest first, filtered by kind, order, customer, account or time. */
  @Get('transactions')
  @Permit(ReadLedger)
  list(@Query() query: LedgerTransactionQuery): Promise<LedgerTransactionPage> {
    return this.ledger.list(query);
  }

  /** Returns a transaction with its entries. */
  @Get('transactions/:id')
  @Permit(ReadLedger)
  read(@Param('id', IdPipe) id: string): Promise<LedgerTransactionDto> {
    return this.ledger.read(id);
  }

  /**
   * Returns all balances, and the signed end of the sealed chain. The balances have what was posted up to now, sealed or not. Keep the
   * signature outside of the shop: with it one sees whether the ledger was cut off later.
   */
  @Get('trial-balance')
  @Permit(ReadLedger)
  readTrialBalance(): Promise<TrialBalanceDto> {
    return this.ledger.readTrialBalance();
  }
}
