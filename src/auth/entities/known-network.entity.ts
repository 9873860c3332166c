import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A network from which a user has signed in. */
@Entity('known_networks')
export class KnownNetwork {
  @PrimaryColumn('uuid')
  userId: string;

  /** As `networkOf` names it. */
  @PrimaryColumn('text')
  network: string;

  /** To the day. */
  @Column({ type: 'timestamptz', precision: 3 })
  seenAt: Date;
}
