import { createReadStream } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse';
import type { Subject } from './pictures/picture.js';

/** The catalogue stays in `src/`, where it is derived to: an image for production has no use for it. */
export const CATALOGUE = join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'src', 'demo', 'data', 'catalogue.csv');

/** What the products of the catalogue are drawn from, in the order of its lines. */
export async function readSubjects(): Promise<Subject[]> {
  const subjects: Subject[] = [];
  const records = createReadStream(CATALOGUE).pipe(parse({ columns: true })) as AsyncIterable<Record<string, string>>;
  for await (const { sku = '', name = '', categories = '' } of records)
    subjects.push({ sku, name, category: categories });
  return subjects;
}
