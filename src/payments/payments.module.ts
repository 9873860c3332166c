import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../common/config/config.js';
import { Clock } from '../common/time/clock.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { AttemptsService } from './attempts.service.js';
import { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentWebhook } from './entities/payment-webhook.entity.js';
import { RefundLine } from './entities/refund-line.entity.js';
import { SandboxOperation } from './entities/sandbox-operation.entity.js';
import { PaymentCallsService } from './payment-calls.service.js';
import { PaymentChecksService } from './payment-checks.service.js';
import { PaymentReturnsService } from './payment-returns.service.js';
import { PaymentWebhooksController } from './payment-webhooks.controller.js';
import { PaymentWebhooksRepository } from './payment-webhooks.repository.js';
import { PaymentWebhooksService } from './payment-webhooks.service.js';
import { PaymentsReviewController } from './payments-review.controller.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentFlows } from './payments.flows.js';
import { PaymentsMailsService } from './payments.mails.service.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentsService } from './payments.service.js';

import { PaymentProvider } from './providers/payment-provider.js';
import { SandboxOperationsRepository } from './providers/sandbox-operations.repository.js';
import { SandboxGateway } from './providers/sandbox.gateway.js';
import { StripeGateway } from './providers/stripe.gateway.js';
import { RefundsService } from './refunds.service.js';
import { SettlementService } from './settlement.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([PaymentAttempt, PaymentWebhook, RefundLine, SandboxOperation]),
    InventoryModule,
    LedgerModule,
    OrdersModule,
  ],
  controllers: [PaymentsController, PaymentsReviewController, PaymentWebhooksController],
  providers: [
    PaymentsService,
    PaymentsMailsService,
    RefundsService,
    SettlementService,
    AttemptsService,
    PaymentFlows,
    PaymentCallsService,
    PaymentChecksService,
    PaymentReturnsService,
    PaymentsRepository,
    PaymentWebhooksService,
    PaymentWebhooksRepository,
    SandboxOperationsRepository,
    SandboxGateway,
    {
      provide: PaymentProvider,
      inject: [Config, Clock, SandboxGateway],
      useFactory: (config: Config, clock: Clock, sandbox: SandboxGateway): PaymentProvider =>
        config.paymentProvider === 'stripe' ? new StripeGateway(config, clock) : sandbox,
    },
  ],
  exports: [PaymentsService, RefundsService],
})
export class PaymentsModule {}
