import { Injectable } from '@nestjs/common';
import { sqlStateOf } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { type BulkProduct, type BulkResult, ProductsBulkService } from '../products/products.bulk.service.js';
import type { Family } from './formats/format.js';
import { ImportFamilies } from './imports.families.js';
import { ImportLimits } from './imports.limits.js';
import { ImportPhotos, type LineWithPhotos, type PhotoOrigins, type PhotosOutcome } from './imports.photos.js';
import { Rehearsal } from './imports.rehearsal.js';
import type { ImportSettings } from './imports.settings.js';
import {
  type Detected,
  type ImportFaultAt,
  type ImportFormat,
  type ImportLine,
  type LineCells,
  readProducts,
} from './reader.js';

/** What became of some lines of an import. */
interface ImportCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Lines that were left out. */
  faulty: number;
}

/** What became of one batch of lines. */
export interface BatchOutcome extends ImportCounts {
  faults: ImportFaultAt[];
  /** The lines of a CSV file that were left out. */
  faultyLines?: LineCells[];
  /** How many lines the batch has. */
  lines: number;
  /** The number of the last line of the batch: after it, reading goes on. */
  lastLine: number;
  /** How many bytes of the stream there are up to the batch's end. */
  end: number;
  /** What became of the photos of the lines, where they may have some; `faults` has theirs, too. */
  photos?: Omit<PhotosOutcome, 'faults'>;
}

/** What became of a whole stream. */
export interface ImportSummary extends ImportCounts {
  /** The first faults, at most a hundred. */
  faults: ImportFaultAt[];
}

/** Options of an import. */
export interface ImportOptions {
  actorId?: string | null;
  /** The number of the line after which to begin: an import that was interrupted goes on there. */
  after?: number;
  /** How the stream is read. */
  settings?: ImportSettings;
  /** Where photos come from; without it, lines must not name any. */
  photos?: PhotoOrigins;
  /**
   * Called in the transaction of each batch: what it writes commits with the batch's products, or not at all. With photos, called
   * in another one when they are there: a batch whose photos were interrupted is done again.
   */
  record?: (outcome: BatchOutcome) => Promise<void>;
  /** Called once, outside of a transaction: how the file is written. */
  onDetected?: (detected: Detected) => Promise<void>;
}

/** SQLSTATEs of what goes away by doing a batch once more: deadlock, serialisation, somebody else's row at the same moment. */
const TRANSIENT = new Set(['40P01', '40001', '23505', '23503']);
const TRIES = 3;

/** The lines of a batch when they may have photos, which take longer than all else: progress is shown, and an import ends, between batches. */
const LINES_WITH_PHOTOS = 10;

/** Writes what the reader reads, a batch of lines in one transaction each. */
@Injectable()
export class ProductImporter {
  constructor(
    private readonly bulk: ProductsBulkService,
    private readonly transactions: Transactions,
    private readonly limits: ImportLimits,
    private readonly photos: ImportPhotos,
    private readonly families: ImportFamilies,
  ) {}

  /**
   * Imports a stream that nobody has to follow: for seeding.
   * @param onProgress gets the number of lines so far.
   * @throws InvalidHeaderError before anything is written.
   */
  async importStream(
    stream: AsyncIterable<Uint8Array | string>,
    format: ImportFormat,
    onProgress?: (lines: number) => void,
  ): Promise<ImportSummary> {
    const summary: ImportSummary = { created: 0, updated: 0, unchanged: 0, faulty: 0, faults: [] };
    let lines = 0;
    for await (const outcome of this.run(stream, format)) {
      summary.created += outcome.created;
      summary.updated += outcome.updated;
      summary.unchanged += outcome.unchanged;
      summary.faulty += outcome.faulty;
      summary.faults.push(...outcome.faults.slice(0, 100 - summary.faults.length));
      onProgress?.((lines += outcome.lines));
    }
    return summary;
  }

  /**
   * Imports a stream batch by batch; what is yielded has been committed.
   * @throws InvalidHeaderError before anything is written.
   */
  async *run(
    stream: AsyncIterable<Uint8Array | string>,
    format: ImportFormat,
    { actorId = null, after = 0, settings, photos, record, onDetected }: ImportOptions = {},
  ): AsyncGenerator<BatchOutcome> {
    const lines = readProducts(stream, format, { after, settings, takesPhotos: photos !== undefined, onDetected });
    const { batchLines } = this.limits;
    const rehearsal = settings?.dryRun ? new Rehearsal(this.transactions) : undefined;
    for await (const batch of oneAhead(
      batchesOf(lines, photos ? Math.min(LINES_WITH_PHOTOS, batchLines) : batchLines),
    )) {
      yield rehearsal
        ? await this.rehearse(batch, rehearsal, { actorId, record })
        : await this.write(batch, { actorId, photos, record });
    }
  }

  /** Writes a batch and takes it back; photos are not looked at. */
  private async rehearse(
    batch: readonly ImportLine[],
    rehearsal: Rehearsal,
    { actorId = null, record }: ImportOptions,
  ): Promise<BatchOutcome> {
    const products = goodIn(batch).map(({ product }) => product);
    const result = await this.retrying(() => rehearsal.undo(() => this.bulk.upsertMany(products, actorId)));
    const outcome = outcomeOf(batch, rehearsal.correct(result, products));
    await this.transactions.run(async () => record?.(outcome));
    return outcome;
  }

  private async write(
    batch: readonly ImportLine[],
    { actorId = null, photos, record }: ImportOptions,
  ): Promise<BatchOutcome> {
    const products = goodIn(batch).map(({ product }) => product);
    const isWhole = !photos && !goodIn(batch).some(isVariant);
    const { outcome, result } = await this.retrying(() =>
      this.transactions.run(async () => {
        const result = await this.bulk.upsertMany(products, actorId);
        const outcome = outcomeOf(batch, result);
        if (isWhole) await record?.(outcome);
        return { outcome, result };
      }),
    );
    if (isWhole) return outcome;
    const written = writtenIn(batch, result);
    const variants = written.filter(isVariant).map(({ line, product: { sku }, family }) => ({ line, sku, family }));
    const faults = variants.length > 0 ? await this.retrying(() => this.families.add(variants)) : [];
    if (photos) {
      const { faults: ofPhotos, ...counts } = await this.photos.add(withPhotosIn(written), photos);
      outcome.photos = counts;
      faults.push(...ofPhotos);
    }
    outcome.faults = [...outcome.faults, ...faults].sort((a, b) => a.line - b.line);
    await this.transactions.run(async () => record?.(outcome));
    return outcome;
  }

  /** Does a batch again when what refused it was only somebody else at the same moment: it is all or nothing, and idempotent. */
  private async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries === TRIES || !isTransient(error)) throw error;
      }
    }
  }
}

/** A line that has a product. */
type GoodLine = Extract<ImportLine, { product: BulkProduct }>;

const goodIn = (batch: readonly ImportLine[]): GoodLine[] => batch.filter((entry) => 'product' in entry);

/** What became of a batch by what became of its products. */
function outcomeOf(batch: readonly ImportLine[], { refused, createdSkus: _, ...counts }: BulkResult): BatchOutcome {
  const good = goodIn(batch);
  const faults = [
    ...batch.flatMap(({ line, remarks = [], ...checked }) =>
      [...('faults' in checked ? checked.faults : []), ...remarks].map((fault) => ({ line, ...fault })),
    ),
    ...refused.map(({ index, member, code, detail }) => ({
      line: good[index]?.line ?? 0,
      column: member,
      code,
      detail,
    })),
  ].sort((a, b) => a.line - b.line);
  const refusedAt = new Set(refused.map(({ index }) => good[index]?.line));
  const faultyLines = batch
    .filter((entry) => 'faults' in entry || refusedAt.has(entry.line))
    .map(({ line, cells = [] }) => ({ line, cells }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const last = batch.at(-1);
  return {
    ...counts,
    faulty: batch.length - good.length + refused.length,
    faults,
    faultyLines,
    lines: batch.length,
    lastLine: last?.line ?? 0,
    end: last?.end ?? 0,
  };
}

/** The lines whose products are as they say. */
function writtenIn(batch: readonly ImportLine[], { refused }: BulkResult): GoodLine[] {
  const refusedAt = new Set(refused.map(({ index }) => index));
  return goodIn(batch).filter((_, index) => !refusedAt.has(index));
}

const withPhotosIn = (lines: readonly GoodLine[]): LineWithPhotos[] =>
  lines.flatMap(({ line, product: { sku }, photos = [] }) => (photos.length > 0 ? [{ line, sku, photos }] : []));

/** Whether a product is one of several with a name together. A family has options: what has none stands alone. */
const isVariant = (line: GoodLine): line is GoodLine & { family: Family } =>
  line.family !== undefined && line.family.name !== '' && Object.keys(line.family.options).length > 0;

const isTransient = (error: unknown): boolean => TRANSIENT.has(sqlStateOf(error) ?? '');

async function* batchesOf(lines: AsyncIterable<ImportLine>, size: number): AsyncGenerator<ImportLine[], void> {
  let batch: ImportLine[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Reads the next batch while the database writes the last one. */
async function* oneAhead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  let next = source.next();
  try {
    for (let { done, value } = await next; !done && value !== undefined; { done, value } = await next) {
      next = source.next();
      // Who awaits it comes later; until then a failure is nobody's.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await source.return();
  }
}
