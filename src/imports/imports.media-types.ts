import type { ImportFormat } from './reader.js';

/** The media types of uploads, and what each is. */
const IMPORT_TYPES: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  // as browsers and systems name files of CSV, too
  'text/plain': 'csv',
  'application/vnd.ms-excel': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
};

/** What an upload of a media type is. */
export const formatOf = (type: string): ImportFormat => IMPORT_TYPES[type] ?? 'csv';
