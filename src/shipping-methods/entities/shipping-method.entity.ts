import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';

/** A way to send an order to a customer, at one price for some countries. */
@Entity('shipping_methods')
export class ShippingMethod extends VersionedRow {
  @Column('text')
  name: string;

  /** In minor units. */
  @Column('bigint')
  priceAmount: number;

  /** ISO 4217; of the price, and of {@link freeFrom}. */
  @Column('char', { length: 3 })
  priceCurrency: string;

  /** ISO 3166-1 alpha-2. */
  @Column('text', { array: true })
  countries: string[];

  /** The sum of an order's items from which it costs nothing, in minor units; null when it always costs its price. */
  @Column('bigint', { nullable: true })
  freeFrom: number | null;

  /** Whether customers can choose it. */
  @Column('boolean', { default: true })
  active: boolean;
}
