import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';
import type { Role } from '../../common/security/roles.js';

/** A person who may sign in. */
@Entity('users')
export class User extends VersionedRow {
  /** Unique; in the form of `normalizeEmail`. */
  @Column('text')
  email: string;

  @Column('text')
  name: string;

  /** In PHC form (`$argon2id$…`); null until an invitation is accepted, and after erasing. */
  @Column('text', { nullable: true })
  passwordHash: string | null;

  @Column('text', { array: true })
  roles: Role[];

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  emailVerifiedAt: Date | null;

  /** Since when the user may not sign in; null while they may. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  disabledAt: Date | null;

  /** A photo of the user. */
  @Column('uuid', { nullable: true })
  photoId: string | null;

  /** Sessions that were opened in an earlier version of the user have ended. */
  @Column('integer', { default: 0 })
  sessionsFromVersion: number;

  /** Since when only a pseudonym is left of the user. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  erasedAt: Date | null;
}
