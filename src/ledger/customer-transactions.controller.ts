import { Controller, Get, Query } from '@nestjs/common';
import { Csv } from '../common/http/output/csv.js';
import { About } from '../common/openapi/about.js';
import { SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { CUSTOMER_TRANSACTION_COLUMNS, CustomerTransactionPage } from './dto/customer-transaction.dto.js';
import { CustomerTransactionQuery } from './dto/ledger-query.dto.js';
import { LedgerService } from './ledger.service.js';

@About('What customers paid and got back.')
@Controller('users/me/transactions')
export class CustomerTransactionsController {
  constructor(private readonly ledger: LedgerService) {}

  /**
   * Lists your payments and refunds, the latest first. With `Accept: text/csv` a page is CSV (RFC 4180), and `Link` has the next one; a
   * text that a spreadsheet would take for a formula has an apostrophe before it.
   */
  @Get()
  @SignedIn()
  @Csv(CUSTOMER_TRANSACTION_COLUMNS)
  list(@Query() query: CustomerTransactionQuery, @CurrentCaller() caller: Caller): Promise<CustomerTransactionPage> {
    return this.ledger.listOwn(query, caller);
  }
}
