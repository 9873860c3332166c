import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something wrong on a line of an import. */
@Entity('import_faults')
export class ImportFault {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  importId: string;

  /** As an editor counts. */
  @Column('bigint')
  line: number;

  /** Null when it is the line as a whole. */
  @Column('text', { nullable: true })
  column: string | null;

  @Column('text')
  code: string;

  @Column('text')
  detail: string;
}
