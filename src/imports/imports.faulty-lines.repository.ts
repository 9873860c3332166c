import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { Import } from './entities/import.entity.js';
import type { LineCells } from './reader.js';

/** How many bytes of the faulty lines of one import are kept, its header among them. */
const MAX_FAULTY_BYTES = 4 * 1024 * 1024;

/** A line as it was, and all that is wrong with it. */
export interface FaultyLine extends LineCells {
  /** Null of the header. */
  faults: string | null;
}

/** The rows of lines that were left out, which have no entity, and all SQL about them. The first one of an import is its header. */
@Injectable()
export class ImportsFaultyLinesRepository {
  constructor(@InjectRepository(Import) private readonly imports: Repository<Import>) {}

  /** Keeps lines, as long as there is room for them. */
  async insertMany(importId: string, lines: readonly LineCells[]): Promise<void> {
    if (lines.length === 0) return;
    const rows = lines.map(({ line, cells }) => {
      const kept = cells.map((cell) => cell.replaceAll('\0', '\uFFFD').toWellFormed());
      return { line, cells: kept, bytes: kept.reduce((sum, cell) => sum + Buffer.byteLength(cell) + 1, 0) };
    });
    await run(
      this.imports.manager,
      sql`INSERT INTO import_faulty_lines (import_id, line, cells, bytes)
          SELECT ${importId}::uuid, line, cells, bytes
          FROM (
            SELECT line, cells, bytes, sum(bytes) OVER (ORDER BY line) AS so_far
            FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given (line bigint, cells text[], bytes integer)
          ) given
          WHERE so_far + (
            SELECT coalesce(sum(bytes), 0) FROM import_faulty_lines WHERE import_id = ${importId}
          ) <= ${MAX_FAULTY_BYTES}
          ON CONFLICT DO NOTHING`,
    );
  }

  /** Those that are kept, in their order, after the header. */
  async readAll(importId: string): Promise<FaultyLine[]> {
    return run(
      this.imports.manager,
      sql`SELECT l.line, l.cells, (
            SELECT string_agg(coalesce(f."column" || ' ', '') || f.detail, '; ' ORDER BY f.id)
            FROM import_faults f WHERE f.import_id = l.import_id AND f.line = l.line
          ) AS faults
          FROM import_faulty_lines l WHERE l.import_id = ${importId} ORDER BY l.line`,
    );
  }
}
