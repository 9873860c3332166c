import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import type { FileAnswer } from '../common/http/output/file-answer.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import { CSV_TYPE } from '../common/http/syntax/accept.js';
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
import type { Import } from './entities/import.entity.js';
import { ImportChunkStore } from './imports.chunks.js';
import { correctionsOf } from './imports.corrections.js';
import { ImportEmpty, ImportWithoutColumns } from './imports.errors.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportsFaultyLinesRepository } from './imports.faulty-lines.repository.js';
import { ImportLifecycle } from './imports.lifecycle.js';
import { ImportLimits } from './imports.limits.js';
import { type ImportedUpload, openFile } from './imports.media-types.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportSettings } from './imports.settings.js';

const FIRST_FAULTS = 100;

/** The imports that came over HTTP or from the command: receives uploads and reports their progress. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly faults: ImportsFaultsRepository,
    private readonly faultyLines: ImportsFaultyLinesRepository,
    private readonly lifecycle: ImportLifecycle,
    private readonly chunks: ImportChunkStore,
    private readonly limits: ImportLimits,
    private readonly pages: Pages,
  ) {}

  /**
   * Takes an upload in, whole or not at all, and has it imported in the background.
   * @throws AppError 413 when it is too large, 422 when there is nothing in it, a file of a kind that is not known, or a workbook that is not read.
   */
  async receive(upload: ImportedUpload, options: ImportSettings, caller: Caller): Promise<ImportDto> {
    const file = await openFile(upload, this.limits.maxBytes);
    const id = await this.lifecycle.receive(file.format, caller.userId, options);
    try {
      const bytes = await this.chunks.fill(id, file.bytes);
      if (bytes === 0) throw new AppError(ImportEmpty, 'The body has no bytes.');
      await this.lifecycle.queue(id, bytes);
    } catch (error) {
      await this.lifecycle.discard(id);
      throw error;
    }
    return toImportDto(await this.row(id));
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<ImportReportDto> {
    const row = await this.row(id);
    const faults = await this.faults.readFirst(id, FIRST_FAULTS);
    return Object.assign(toImportDto(row), { faults: faults.map(toImportFaultDto) });
  }

  /** All imports, the latest first. */
  async list(asked: ImportQuery): Promise<ImportPage> {
    return mapPage(await this.imports.readPage(this.pages.open(asked)), toImportDto);
  }

  /** All that was wrong in an import, by line. @throws AppError 404. */
  async listFaults(id: string, asked: ImportFaultQuery): Promise<ImportFaultPage> {
    const list = this.pages.open(asked, id);
    await this.row(id);
    return mapPage(await this.faults.readPage(id, list), toImportFaultDto);
  }

  /**
   * The lines of a CSV file that were left out, to be corrected and imported.
   * @throws AppError 404; 409 for a file without columns, and before the header was read.
   */
  async showFaultyLines(id: string): Promise<FileAnswer> {
    const { delimiter } = await this.row(id);
    const lines = await this.faultyLines.readAll(id);
    if (lines.length === 0) throw new AppError(ImportWithoutColumns, 'No header of this import was read.');
    const bytes = Buffer.from(correctionsOf(lines, delimiter ?? ','));
    return {
      type: CSV_TYPE,
      size: bytes.length,
      tag: hash('sha256', bytes).slice(0, 32),
      isPrivate: true,
      name: `${id}-faulty-lines.csv`,
      open: (range) => Promise.resolve(range ? bytes.subarray(range.start, range.end + 1) : bytes),
    };
  }

  private async row(id: string): Promise<Import> {
    const row = await this.imports.find(id);
    if (!row) throw new AppError(NotFound, `There is no import ${id}.`);
    return row;
  }
}
