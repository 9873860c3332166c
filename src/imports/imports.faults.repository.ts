import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { ImportFaultQuery } from './dto/import.dto.js';
import { ImportFault } from './entities/import-fault.entity.js';
import type { ImportFaultAt } from './reader.js';

const COLUMNS = raw('f.id, f.line, f."column", f.code, f.detail');

/** The rows of what is wrong in imports, and all SQL about them. */
@Injectable()
export class ImportsFaultsRepository {
  constructor(
    @InjectRepository(ImportFault) private readonly rows: Repository<ImportFault>,
    private readonly pages: Pages,
  ) {}

  /** The first ones of an import, by line. */
  async readFirst(importId: string, limit: number): Promise<ImportFault[]> {
    return run<ImportFault>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM import_faults f WHERE f.import_id = ${importId} ORDER BY f.line, f.id LIMIT ${limit}`,
    );
  }

  /** One page of those of an import. */
  async readPage(importId: string, list: AskedList<ImportFaultQuery>): Promise<Page<ImportFault>> {
    return this.pages.read<ImportFault>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('import_faults f'),
      where: [sql`f.import_id = ${importId}`],
      id: raw('f.id'),
      sort: { expression: raw('f.line'), type: 'bigint', descending: false },
    });
  }

  async insertMany(importId: string, faults: readonly ImportFaultAt[]): Promise<void> {
    if (faults.length === 0) return;
    const rows = faults.map((fault) => ({ id: uuidv7(), ...fault }));
    await run(
      this.rows.manager,
      sql`INSERT INTO import_faults (id, import_id, line, "column", code, detail)
          SELECT id, ${importId}::uuid, line, "column", code, detail
          FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS fault (
            id uuid, line bigint, "column" text, code text, detail text)`,
    );
  }
}
