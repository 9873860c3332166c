import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import type { StreamedBody } from '../common/http/input/streamed-body.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import {
  type ImportDto,
  type ImportFaultPage,
  type ImportFaultQuery,
  type ImportPage,
  type ImportQuery,
  type ImportReportDto,
  toImportDto,
  toImportFaultDto,
} from './dto/import.dto.js';
import type { ImportFault } from './entities/import-fault.entity.js';
import { Import } from './entities/import.entity.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportEmpty } from './imports.errors.js';
import { ImportLimits } from './imports.limits.js';
import { IMPORT_COLUMNS, ImportRepository } from './imports.repository.js';
import { ImportRunner } from './imports.runner.js';
import type { ImportFormat } from './reader.js';

/** The media types of uploads, and what each is. */
const IMPORT_TYPES: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
};

const FIRST_FAULTS = 100;
const FAULT_COLUMNS = raw('f.id, f.line, f."column", f.code, f.detail');

/** The imports that came over HTTP or from the command: taking them in, and telling how they are. */
@Injectable()
export class ImportsService {
  constructor(
    @InjectRepository(Import) private readonly imports: Repository<Import>,
    private readonly repository: ImportRepository,
    private readonly chunks: ImportChunkStore,
    private readonly runner: ImportRunner,
    private readonly limits: ImportLimits,
    private readonly pages: Pages,
  ) {}

  /**
   * Takes an upload in, whole or not at all, and has it imported in the background.
   * @throws AppError 413 when it is too large, 422 when there is nothing in it.
   */
  async receive(body: StreamedBody, caller: Caller): Promise<ImportDto> {
    const id = await this.repository.receive(IMPORT_TYPES[body.type] ?? 'csv', caller.userId);
    try {
      const bytes = await this.chunks.fill(id, body.read(this.limits.maxBytes));
      if (bytes === 0) throw new AppError(ImportEmpty, 'The body has no bytes.');
      await this.repository.queue(id, bytes);
    } catch (error) {
      await this.repository.discard(id);
      throw error;
    }
    const row = await this.row(id);
    this.runner.wake();
    return toImportDto(row);
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<ImportReportDto> {
    const row = await this.row(id);
    const faults = await run<ImportFault>(
      this.imports.manager,
      sql`SELECT ${FAULT_COLUMNS} FROM import_faults f WHERE f.import_id = ${id} ORDER BY f.line, f.id LIMIT ${FIRST_FAULTS}`,
    );
    return Object.assign(toImportDto(row), { faults: faults.map(toImportFaultDto) });
  }

  /** All imports, the latest first. */
  async list(asked: ImportQuery): Promise<ImportPage> {
    const found = await this.pages.read<Import>(this.imports.manager, this.pages.open(asked), {
      columns: IMPORT_COLUMNS,
      from: raw('imports i'),
      where: [sql`i.state <> 'receiving'`],
      id: raw('i.id'),
      sort: { expression: raw('i.created_at'), type: 'timestamptz', descending: true },
    });
    return mapPage(found, toImportDto);
  }

  /** All that was wrong in an import, by line. @throws AppError 404. */
  async faults(id: string, asked: ImportFaultQuery): Promise<ImportFaultPage> {
    const list = this.pages.open(asked, id);
    await this.row(id);
    const found = await this.pages.read<ImportFault>(this.imports.manager, list, {
      columns: FAULT_COLUMNS,
      from: raw('import_faults f'),
      where: [sql`f.import_id = ${id}`],
      id: raw('f.id'),
      sort: { expression: raw('f.line'), type: 'bigint', descending: false },
    });
    return mapPage(found, toImportFaultDto);
  }

  private async row(id: string): Promise<Import> {
    const [row] = await run<Import>(
      this.imports.manager,
      sql`SELECT ${IMPORT_COLUMNS} FROM imports i WHERE i.id = ${id} AND i.state <> 'receiving'`,
    );
    if (!row) throw new AppError(NotFound, `There is no import ${id}.`);
    return row;
  }
}
