import { randomUUID } from 'node:crypto';
import { SANDBOX_SIGNATURE, SandboxGateway } from '../../../src/payments/providers/sandbox.gateway.js';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: { 'POST /api/v1/webhooks/payments/{provider}': 4 },
  things: { provider: () => Promise.resolve('sandbox') },
  sign: (shop) => {
    const { body, headers } = shop.app.get(SandboxGateway).signWebhook({
      eventId: randomUUID(),
      key: randomUUID(),
      answer: { state: 'pending', reference: null },
    });
    return { body: body.toString('utf8'), headers: { [SANDBOX_SIGNATURE]: String(headers[SANDBOX_SIGNATURE]) } };
  },
};
