import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { OrdersExpiryService } from '../orders/orders.expiry.service.js';
import { isLive } from './attempt-states.js';
import { PaymentCallsService } from './payment-calls.service.js';
import { CheckPayment } from './payments.jobs.js';
import { PaymentsRepository } from './payments.repository.js';
import { SettlementService } from './settlement.service.js';

/** Finishes attempts that nobody else has finished: sends those that were not sent, and asks for the outcome of the others. */
@Injectable()
export class PaymentChecksService implements OnModuleInit {
  constructor(
    private readonly attempts: PaymentsRepository,
    private readonly calls: PaymentCallsService,
    private readonly settlement: SettlementService,
    private readonly expiry: OrdersExpiryService,
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(CheckPayment, ({ attemptId }) => this.check(attemptId));
    // after an outage the order may be due before the job that asks what became of its payment
    this.expiry.keepWhile(async (orderId) => (await this.attempts.findOpen(orderId)) !== undefined);
  }

  private async check(attemptId: string): Promise<void> {
    const attempt = await this.attempts.find(attemptId);
    // it has an outcome, or another job comes when it is due
    if (!attempt?.nextCheckAt || attempt.nextCheckAt > this.clock.now()) return;
    const outcome = await this.calls.perform(attemptId);
    const settled = await this.settlement.settle(attempt, outcome);
    // still no outcome, or one that does not fit
    if (isLive(settled.state)) await this.settlement.defer(attempt);
  }
}
