import { CreateDateColumn, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** The columns of every table whose rows have an identity: a UUIDv7 (time-ordered, made by the application) and times in UTC. */
export abstract class Row {
  @PrimaryColumn('uuid')
  id: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt: Date;
}

/** A row whose every change counts `version` up: what its ETag is made of. */
export abstract class VersionedRow extends Row {
  @VersionColumn({ default: 1 })
  version: number;
}
