import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { Retention } from '../common/background/retention.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { PaymentWebhooksRepository } from './payment-webhooks.repository.js';
import { WebhookRefused } from './payments.errors.js';
import { DeliverSandboxWebhook } from './payments.jobs.js';
import { PaymentsRepository } from './payments.repository.js';
import {
  PaymentProvider,
  type ProviderWebhook,
  type ReceivedWebhook,
  WebhookNotGenuine,
} from './providers/payment-provider.js';
import { SandboxGateway } from './providers/sandbox.gateway.js';
import { SettlementService } from './settlement.service.js';

/** For how long a webhook is remembered, in seconds: providers repeat one for days. */
const LIFETIME = 90 * 24 * 3600;

/** What payment providers announce by themselves. */
@Injectable()
export class PaymentWebhooksService implements OnModuleInit {
  constructor(
    private readonly webhooks: PaymentWebhooksRepository,
    private readonly attempts: PaymentsRepository,
    private readonly settlement: SettlementService,
    private readonly provider: PaymentProvider,
    private readonly sandbox: SandboxGateway,
    private readonly transactions: Transactions,
    private readonly jobs: JobsService,
    private readonly retention: Retention,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(DeliverSandboxWebhook, (webhook) =>
      this.receive(this.sandbox.name, this.sandbox.signWebhook(webhook)),
    );
    this.retention.register({
      name: 'payment webhooks',
      deleteBatch: (limit) => this.webhooks.deleteOld(this.clock.in(-LIFETIME), limit),
    });
  }

  /**
   * Does what a webhook says, once for each event: the event is remembered in the transaction of its effect, so that what failed is sent
   * again by the provider.
   * @throws AppError 400 for one that is not genuine; 404 for a provider that the shop does not use.
   */
  async receive(provider: string, received: ReceivedWebhook): Promise<void> {
    if (provider !== this.provider.name) throw new AppError(NotFound, `The shop has no payment provider ${provider}.`);
    const webhook = await this.read(received);
    await this.transactions.run(async () => {
      const { eventId } = webhook;
      if (await this.webhooks.insert({ provider, eventId, receivedAt: this.clock.now() })) await this.apply(webhook);
    });
  }

  private async apply({ key, answer }: ProviderWebhook): Promise<void> {
    if (key === null || !answer || !isUUID(key)) return;
    // what another shop asked of the same account is not ours
    const attempt = await this.attempts.find(key);
    if (attempt) await this.settlement.settle(attempt, answer);
  }

  private async read(received: ReceivedWebhook): Promise<ProviderWebhook> {
    try {
      return await this.provider.parseWebhook(received);
    } catch (error) {
      if (!(error instanceof WebhookNotGenuine)) throw error;
      throw new AppError(WebhookRefused, 'The signature is missing, wrong, or of another time.');
    }
  }
}
