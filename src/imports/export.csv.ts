import { csvRecord } from '../common/http/syntax/csv.js';
import type { Cell } from './export.columns.js';

/** A table as CSV (RFC 4180), some records at a time; texts are guarded against formulas, which an import takes off again. */
export async function* csvOf(batches: AsyncIterable<readonly Cell[][]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map(csvRecord).join('');
}
