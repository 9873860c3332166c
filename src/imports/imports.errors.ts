import { defineError } from '../common/errors/app-error.js';

export const ImportWithoutColumns = defineError(
  'import-without-columns',
  'conflict',
  'The import has no columns',
  'Faulty lines can be had of a file with columns, such as CSV, once its header was read. Of NDJSON, `/imports/{id}/faults` names the lines.',
);
export const ImportEmpty = defineError(
  'import-empty',
  'invalid',
  'There is nothing to import',
  'The body has no bytes. Send a CSV file with its header, or a JSON object on each line.',
);

export const ImportUnreadable = defineError(
  'import-unreadable',
  'invalid',
  'The file cannot be read',
  'The file is in a format that imports do not read. Save it as an XLSX workbook without a password, or as CSV.',
);
