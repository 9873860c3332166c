import { defineProblem } from '../common/errors/problem.js';

export const ImportEmpty = defineProblem(
  'import-empty',
  422,
  'There is nothing to import',
  'The body has no bytes. Send a CSV file with its header, or a JSON object on each line.',
);
