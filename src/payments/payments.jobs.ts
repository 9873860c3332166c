import { defineJob } from '../common/jobs/define-job.js';
import type { ProviderAnswer } from './providers/payment-provider.js';

/** What a webhook of the sandbox says. */
export interface SandboxWebhook {
  eventId: string;
  key: string;
  answer: ProviderAnswer;
}

/** Brings a webhook of the sandbox to the shop, as a provider does over HTTP. */
export const DeliverSandboxWebhook = defineJob<SandboxWebhook>('payments.deliver-sandbox-webhook');

/** Asks the provider for the outcome of an attempt, or sends it when it has not been sent. */
export const CheckPayment = defineJob<{ attemptId: string }>('payments.check', { concurrency: 4, timeout: 120 });
