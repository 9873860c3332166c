import { Column, CreateDateColumn, PrimaryColumn } from 'typeorm';

/** The columns of every table whose rows have an identity: a UUIDv7 (time-ordered, made by the application) and times in UTC. */
export abstract class Row {
  @PrimaryColumn('uuid')
  id: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt: Date;
}

/**
 * A row whose ETag is made of its `version`. The trigger `count_version`, which its table must have, counts `version` and
 * sets `updatedAt` whenever an UPDATE changes the row; nothing else writes either of them.
 */
export abstract class VersionedRow extends Row {
  @Column('integer', { default: 1 })
  version: number;
}
