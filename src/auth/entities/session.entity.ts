import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Why a session is over. */
export type EndReason =
  | 'logout'
  | 'ended by user'
  | 'ended by administrator'
  | 'password changed'
  | 'refresh token reused'
  | 'too many sessions'
  | 'user disabled';

/** Somebody signed in on one device: a family of refresh tokens, of which one is good. */
@Entity('sessions')
export class Session {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  userId: string;

  /** The version that the user had when it was opened. */
  @Column('integer', { default: 0 })
  userVersion: number;

  /** SHA-256 of the refresh token that is good now. */
  @Column('bytea')
  refreshHash: Buffer;

  /** When that token took the place of the one before. */
  @Column({ type: 'timestamptz', precision: 3 })
  rotatedAt: Date;

  /** The secret that the proofs of its refresh tokens are made from; the database draws it. */
  @Column('bytea', { default: () => '(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))' })
  tokenKey: Buffer;

  @Column('text', { nullable: true })
  userAgent: string | null;

  @Column('text')
  address: string;

  @Column({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ type: 'timestamptz', precision: 3 })
  lastSeenAt: Date;

  /** When it ends, however much it is used. */
  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  endedAt: Date | null;

  @Column('text', { nullable: true })
  endedReason: EndReason | null;
}
