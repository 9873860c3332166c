import { Column, Entity } from 'typeorm';
import { Row } from '../../common/database/columns.js';
import type { Delimiter } from '../reader.csv.js';
import type { Encoding } from '../reader.encoding.js';
import type { Layout } from '../formats/format.js';
import type { ImportSettings } from '../imports.settings.js';
import type { ImportFormat } from '../reader.js';

/** How many faults of one import are kept. */
export const MAX_KEPT_FAULTS = 10_000;

/** The states of an import; `receiving` is an upload that is not complete yet, and is not shown. */
export type ImportState = 'receiving' | 'queued' | 'running' | 'finished' | 'failed';

/** One import of a catalogue: how far it is, and what became of its lines. */
@Entity('imports')
export class Import extends Row {
  @Column('text')
  state: ImportState;

  @Column('text')
  format: ImportFormat;

  /** How the file is read, as it was asked for. */
  @Column('jsonb', { default: {} })
  options: Partial<ImportSettings>;

  /** As the beginning of the file shows; null until it was looked at. */
  @Column('text', { nullable: true })
  encoding: Encoding | null;

  /** Between the fields of a CSV file; null until it was looked at, and in NDJSON. */
  @Column('text', { nullable: true })
  delimiter: Delimiter | null;

  /** Whose names the columns have; null until it was looked at. */
  @Column('text', { nullable: true })
  layout: Layout | null;

  /** The names in the header that are no columns of an import. */
  @Column('text', { array: true, default: [] })
  skippedColumns: string[];

  /** The name of the file that the command was given; null for an upload. */
  @Column('text', { nullable: true })
  file: string | null;

  /** The hash of the file: by it, an import that was interrupted is known again. */
  @Column('text', { nullable: true })
  fingerprint: string | null;

  /** How many bytes there are in all; null when nobody knows. */
  @Column('bigint', { nullable: true })
  bytes: number | null;

  @Column('bigint', { default: 0 })
  bytesDone: number;

  /** The number of the last line that is done, and committed. */
  @Column('bigint', { default: 0 })
  linesDone: number;

  @Column('integer', { default: 0 })
  created: number;

  @Column('integer', { default: 0 })
  updated: number;

  @Column('integer', { default: 0 })
  unchanged: number;

  /** How many lines were left out. */
  @Column('integer', { default: 0 })
  faulty: number;

  /** How many faults the lines have in all; of them the first {@link MAX_KEPT_FAULTS} are kept. */
  @Column('integer', { default: 0 })
  faultsFound: number;

  /** How often a worker has begun since a batch was last written. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** How long it was worked on. */
  @Column('bigint', { default: 0 })
  busyMilliseconds: number;

  /** Why it failed as a whole. */
  @Column('text', { nullable: true })
  failure: string | null;

  /** Names the one worker that may go on with it. */
  @Column('uuid', { nullable: true })
  leaseId: string | null;

  /** After this, the worker is taken for dead. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  leaseUntil: Date | null;

  /** The user who began it; null for the command. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
