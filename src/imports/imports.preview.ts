import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { toImportDetectedDto } from './dto/import.dto.js';
import { type ImportPreviewDto, SHOWN_FAULTS, SHOWN_PRODUCTS, toPreviewProductDto } from './dto/import-preview.dto.js';
import { ImportEmpty, ImportUnreadable } from './imports.errors.js';
import { ImportLimits } from './imports.limits.js';
import { type ImportedUpload, openFile } from './imports.media-types.js';
import type { ImportSettings } from './imports.settings.js';
import { UnreadableFileError } from './reader.errors.js';
import { type Detected, type ImportFaultAt, InvalidHeaderError, readProducts, skippedIn } from './reader.js';

/** Up to which line a file is read. */
const LAST_LINE = 100;

/** Reads the beginning of a file as an import would, and writes nothing. */
@Injectable()
export class ImportPreview {
  constructor(private readonly limits: ImportLimits) {}

  /** @throws AppError 413 when the body is announced to be too large, 422 when there is nothing in it, or it cannot be read. */
  async read(upload: ImportedUpload, settings: ImportSettings): Promise<ImportPreviewDto> {
    const { format, bytes: sent } = await openFile(upload, this.limits.maxBytes);
    const { bytes, count } = counted(sent);
    let detected: Detected | undefined;
    const onDetected = (found: Detected): Promise<void> => {
      detected = found;
      return Promise.resolve();
    };
    const faults: ImportFaultAt[] = [];
    const products: ImportPreviewDto['products'] = [];
    try {
      for await (const { line, remarks = [], ...checked } of readProducts(bytes, format, { settings, onDetected })) {
        if (line > LAST_LINE) break;
        const found = [...('faults' in checked ? checked.faults : []), ...remarks];
        faults.push(...found.map(({ column, code, detail }) => ({ line, column, code, detail })));
        if ('product' in checked && products.length < SHOWN_PRODUCTS) {
          products.push(toPreviewProductDto(line, checked.product));
        }
      }
    } catch (error) {
      if (error instanceof UnreadableFileError) throw new AppError(ImportUnreadable, error.message);
      if (!(error instanceof InvalidHeaderError)) throw error;
      faults.push(...error.faults.map((fault) => ({ line: error.line, ...fault })));
    }
    if (count() === 0) throw new AppError(ImportEmpty, 'The body has no bytes.');
    return {
      format,
      detected: detected ? toImportDetectedDto(detected) : null,
      columns: [...(detected?.columns ?? [])],
      skippedColumns: detected ? skippedIn(detected) : [],
      faults: faults.slice(0, SHOWN_FAULTS),
      products,
    };
  }
}

/** Counts the bytes as they come. */
function counted(source: AsyncIterable<Buffer>): { bytes: AsyncGenerator<Buffer>; count: () => number } {
  let length = 0;
  const bytes = async function* (): AsyncGenerator<Buffer> {
    for await (const part of source) {
      length += part.length;
      yield part;
    }
  };
  return { bytes: bytes(), count: () => length };
}
