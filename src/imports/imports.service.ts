import { Injectable } from '@nestjs/common';
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
import type { Import } from './entities/import.entity.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportEmpty } from './imports.errors.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportLifecycle } from './imports.lifecycle.js';
import { ImportLimits } from './imports.limits.js';
import { formatOf } from './imports.media-types.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportSettings } from './imports.settings.js';

const FIRST_FAULTS = 100;

/** The imports that came over HTTP or from the command: receives uploads and reports their progress. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly faults: ImportsFaultsRepository,
    private readonly lifecycle: ImportLifecycle,
    private readonly chunks: ImportChunkStore,
    private readonly limits: ImportLimits,
    private readonly pages: Pages,
  ) {}

  /**
   * Takes an upload in, whole or not at all, and has it imported in the background.
   * @throws AppError 413 when it is too large, 422 when there is nothing in it.
   */
  async receive(body: StreamedBody, options: ImportSettings, caller: Caller): Promise<ImportDto> {
    const id = await this.lifecycle.receive(formatOf(body.type), caller.userId, options);
    try {
      const bytes = await this.chunks.fill(id, body.read(this.limits.maxBytes));
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

  private async row(id: string): Promise<Import> {
    const row = await this.imports.find(id);
    if (!row) throw new AppError(NotFound, `There is no import ${id}.`);
    return row;
  }
}
