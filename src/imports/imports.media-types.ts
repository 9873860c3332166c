import { extname } from 'node:path';
import { AppError } from '../common/errors/app-error.js';
import { ValidationFailed } from '../common/errors/errors.js';
import type { StreamedFile } from '../common/http/input/streamed-body.js';
import { ImportUnreadable } from './imports.errors.js';
import { UnreadableFileError } from './reader.errors.js';
import type { ImportFormat } from './reader.js';
import { IMPORT_EXTENSIONS, recognize } from './reader.kind.js';

/** The media types of uploads, and what each is. */
const IMPORT_TYPES: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  // as browsers and systems name files of CSV, too
  'text/plain': 'csv',
  'application/vnd.ms-excel': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

/** Media types that files of any kind are sent with. */
const VAGUE_TYPES = new Set(['', 'application/octet-stream', 'text/plain']);

/** An upload that has begun. */
export interface ImportedUpload {
  /** Reads on to its file. */
  open: () => Promise<StreamedFile>;
}

/**
 * The file of an upload, and the format that it is in.
 * @param limit how many bytes it may have.
 * @throws AppError as reading it does; 422 for a kind that is not known, and for a workbook that is not read.
 */
export async function openFile(upload: ImportedUpload, limit: number): ReturnType<typeof recognize> {
  const file = await upload.open();
  try {
    return await recognize(file.read(limit), declaredBy(file));
  } catch (error) {
    if (error instanceof UnreadableFileError) throw new AppError(ImportUnreadable, error.message);
    throw error;
  }
}

/** The format that the media type of a file says, or its name where that says little. @throws AppError 422. */
function declaredBy({ type, name }: StreamedFile): ImportFormat {
  const byName = IMPORT_EXTENSIONS[extname(name).toLowerCase()];
  const format = VAGUE_TYPES.has(type) ? (byName ?? IMPORT_TYPES[type]) : (IMPORT_TYPES[type] ?? byName);
  if (format) return format;
  const types = Object.keys(IMPORT_TYPES).join(', ');
  throw new AppError(ValidationFailed, 'The file of the form is of a kind that imports do not read.', {
    errors: [{ pointer: '#/file', code: 'type', detail: `must be of one of the types ${types}` }],
  });
}
