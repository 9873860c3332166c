import { Column, Entity } from 'typeorm';
import { Row } from '../../common/database/columns.js';

/** What became of a reservation: its units are reserved, were sold, or are available again. */
export type ReservationState = 'active' | 'consumed' | 'released';

/** Units of one product that are reserved for one order. The sum of the active ones of a product is what its level has reserved. */
@Entity('reservations')
export class Reservation extends Row {
  /** Inventory knows no orders: it is an id that its caller chose. */
  @Column('uuid')
  orderId: string;

  /** Unique for an order. */
  @Column('uuid')
  productId: string;

  @Column('integer')
  quantity: number;

  /** From when on the caller may release it; nothing here does that by itself. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column('text', { default: 'active' })
  state: ReservationState;
}
