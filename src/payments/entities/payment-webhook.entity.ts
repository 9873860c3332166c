import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A webhook of a payment provider that had its effect: it has none when it comes again. */
@Entity('payment_webhooks')
export class PaymentWebhook {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  eventId: string;

  @Column({ type: 'timestamptz', precision: 3 })
  receivedAt: Date;
}
