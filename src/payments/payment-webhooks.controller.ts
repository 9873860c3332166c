import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { BodyLimit } from '../common/http/input/body-limit.js';
import { BodyBytes, KeepsBytes } from '../common/http/input/raw-body.js';
import { About } from '../common/openapi/about.js';
import { Public } from '../common/security/access.js';
import { OrderActionNotAllowed } from '../orders/orders.errors.js';
import { PaymentWebhooksService } from './payment-webhooks.service.js';
import { WebhookRefused } from './payments.errors.js';

@About('What other systems announce to the shop.')
@Controller('webhooks/payments')
export class PaymentWebhooksController {
  constructor(private readonly webhooks: PaymentWebhooksService) {}

  /** Takes a webhook of the payment provider, signed as the provider does: `Stripe-Signature`, `Sandbox-Signature`. */
  @Post(':provider')
  @HttpCode(204)
  @Public()
  @Problems(WebhookRefused, OrderActionNotAllowed)
  @BodyLimit(256 * 1024)
  @KeepsBytes({ id: 'evt_1', type: 'payment_intent.succeeded' })
  @ApiParam({
    name: 'provider',
    description: 'The payment provider that calls.',
    schema: { type: 'string', enum: ['sandbox', 'stripe'] },
  })
  receive(
    @Param('provider') provider: string,
    @BodyBytes() body: Buffer,
    @Headers() headers: IncomingHttpHeaders,
  ): Promise<void> {
    return this.webhooks.receive(provider, { body, headers });
  }
}
