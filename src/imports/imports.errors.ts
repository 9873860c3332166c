import { defineError } from '../common/errors/app-error.js';

export const ImportEmpty = defineError(
  'import-empty',
  'invalid',
  'There is nothing to import',
  'The body has no bytes. Send a CSV file with its header, or a JSON object on each line.',
);
