import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { CustomerTransactionsController } from './customer-transactions.controller.js';
import { LedgerSeal } from './entities/ledger-seal.entity.js';
import { LedgerTransaction } from './entities/ledger-transaction.entity.js';
import { LedgerChainRepository } from './ledger.chain.repository.js';
import { LedgerController } from './ledger.controller.js';
import { LedgerHeadService } from './ledger.head.service.js';
import { LedgerRepository } from './ledger.repository.js';
import { LedgerSealerService } from './ledger.sealer.service.js';
import { LedgerService } from './ledger.service.js';
import { LedgerVerificationRepository } from './ledger.verification.repository.js';
import { LedgerVerificationService } from './ledger.verification.service.js';

@Module({
  imports: [AuthModule, TypeOrmModule.forFeature([LedgerTransaction, LedgerSeal])],
  controllers: [LedgerController, CustomerTransactionsController],
  providers: [
    LedgerChainRepository,
    LedgerHeadService,
    LedgerRepository,
    LedgerSealerService,
    LedgerService,
    LedgerVerificationRepository,
    LedgerVerificationService,
  ],
  exports: [LedgerService, LedgerVerificationService],
})
export class LedgerModule {}
