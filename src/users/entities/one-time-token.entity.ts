import { Column, Entity } from 'typeorm';
import { Row } from '../../common/database/columns.js';

/** What a one-time link is for. */
export type LinkPurpose = 'verify-email' | 'reset-password' | 'invite';

/** The link of one purpose that was mailed to a user last. */
@Entity('one_time_tokens')
export class OneTimeToken extends Row {
  @Column('uuid')
  userId: string;

  @Column('text')
  purpose: LinkPurpose;

  /** SHA-256: the token itself stands in the mail alone. */
  @Column('bytea')
  tokenHash: Buffer;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  usedAt: Date | null;
}
