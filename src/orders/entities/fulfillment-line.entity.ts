import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many units of a line are in a parcel. */
@Entity('fulfillment_lines')
export class FulfillmentLine {
  @PrimaryColumn('uuid')
  fulfillmentId: string;

  @PrimaryColumn('uuid')
  lineId: string;

  @Column('integer')
  quantity: number;
}
