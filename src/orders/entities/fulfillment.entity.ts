import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** One parcel of an order: some units of its items, sent together. */
@Entity('fulfillments')
export class Fulfillment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  orderId: string;

  @Column('text', { nullable: true })
  carrier: string | null;

  @Column('text', { nullable: true })
  trackingNumber: string | null;

  /** The member of staff who sent it. */
  @Column('uuid')
  actorId: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
