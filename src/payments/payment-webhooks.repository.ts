import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { deleteRows, run } from '../common/database/statements.js';
import { PaymentWebhook } from './entities/payment-webhook.entity.js';

/** The webhooks that had their effect, and all SQL about them. */
@Injectable()
export class PaymentWebhooksRepository {
  constructor(@InjectRepository(PaymentWebhook) private readonly rows: Repository<PaymentWebhook>) {}

  /**
   * Inserts a webhook, in the transaction of its effect: of two with one event at once, the second waits for the first.
   * @returns false when it had its effect before.
   */
  async insert({ provider, eventId, receivedAt }: PaymentWebhook): Promise<boolean> {
    const inserted = await run(
      this.rows.manager,
      sql`INSERT INTO payment_webhooks (provider, event_id, received_at) VALUES (${provider}, ${eventId}, ${receivedAt})
          ON CONFLICT DO NOTHING RETURNING event_id`,
    );
    return inserted.length > 0;
  }

  /** Deletes webhooks that came at `before` or earlier. @returns how many. */
  async deleteOld(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.rows.manager,
      sql`DELETE FROM payment_webhooks WHERE (provider, event_id) IN (
            SELECT provider, event_id FROM payment_webhooks WHERE received_at <= ${before}
            ORDER BY received_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}
