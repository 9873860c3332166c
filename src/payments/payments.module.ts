import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../common/config/config.js';
import { Clock } from '../common/time/clock.js';
import { SandboxOperation } from './entities/sandbox-operation.entity.js';
import { PaymentProvider } from './providers/payment-provider.js';
import { SandboxOperationsRepository } from './providers/sandbox-operations.repository.js';
import { SandboxGateway } from './providers/sandbox.gateway.js';
import { StripeGateway } from './providers/stripe.gateway.js';

@Module({
  imports: [TypeOrmModule.forFeature([SandboxOperation])],
  providers: [
    SandboxOperationsRepository,
    SandboxGateway,
    {
      provide: PaymentProvider,
      inject: [Config, Clock, SandboxGateway],
      useFactory: (config: Config, clock: Clock, sandbox: SandboxGateway): PaymentProvider =>
        config.paymentProvider === 'stripe' ? new StripeGateway(config, clock) : sandbox,
    },
  ],
})
export class PaymentsModule {}
