import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { DownloadFailed, DownloadGateway } from '../common/net/download.gateway.js';
import { ProductsPhotosService } from '../products/products.photos.service.js';
import { ProductsService } from '../products/products.service.js';
import { PhotoFileRefused, type PhotoFolder } from './photo-folder.js';
import type { ImportFaultAt } from './reader.js';

/** How many photos are read at once. */
const AT_ONCE = 2;

/** How much of a name or a URL a fault shows, in characters. */
const SHOWN = 200;

/** Where the photos of an import may come from. */
export interface PhotoOrigins {
  /** The folder of those that are named; undefined when there is none. */
  folder?: PhotoFolder;
  /** Whether those that have a URL are fetched. */
  isFetching: boolean;
}

/** A line whose product is written, and the photos that it names. */
export interface LineWithPhotos {
  line: number;
  sku: string;
  photos: readonly string[];
}

/** What became of the photos of some lines. */
export interface PhotosOutcome {
  added: number;
  /** Photos that their products had already. */
  present: number;
  /** Those that were not added, and why. */
  faults: ImportFaultAt[];
}

/** An entry of `photos` names a place that this import does not read. */
class OriginNotGiven extends Error {
  readonly reason = 'origin';
}

/** Adds the photos that the lines of an import name to their products; outside of the transaction that writes these. */
@Injectable()
export class ImportPhotos {
  constructor(
    private readonly products: ProductsService,
    private readonly photos: ProductsPhotosService,
    private readonly downloads: DownloadGateway,
  ) {}

  /**
   * Adds the photos of lines, those of a product in order. One that can't be added is a fault of its line; the others go on.
   * @throws what lies neither in a photo nor in where it comes from.
   */
  async add(lines: readonly LineWithPhotos[], origins: PhotoOrigins): Promise<PhotosOutcome> {
    const outcome: PhotosOutcome = { added: 0, present: 0, faults: [] };
    const ids = await this.products.idsOf([...new Set(lines.map(({ sku }) => sku))]);
    const bySku = [...Map.groupBy(lines, ({ sku }) => sku)];
    await eachOf(bySku, AT_ONCE, async ([sku, ofProduct]) => {
      for (const { line, photos } of ofProduct) {
        for (const photo of photos) {
          const fault = await this.addOne(photo, ids.get(sku), origins, outcome);
          if (fault) outcome.faults.push({ line, column: 'photos', ...fault });
        }
      }
    });
    return outcome;
  }

  private async addOne(
    photo: string,
    productId: string | undefined,
    origins: PhotoOrigins,
    outcome: PhotosOutcome,
  ): Promise<Pick<ImportFaultAt, 'code' | 'detail'> | undefined> {
    const receive = async (path: string, maxBytes: number): Promise<Record<string, never>> => {
      await this.read(photo, path, maxBytes, origins);
      return {};
    };
    try {
      // somebody has deleted it meanwhile
      if (productId === undefined) throw new AppError(NotFound, 'Its product is not there any more.');
      if (await this.photos.addFrom({ receive }, productId)) outcome.added++;
      else outcome.present++;
      return undefined;
    } catch (error) {
      const { code, message } = refusalIn(error);
      return { code, detail: `${shorten(photo)}: ${message}` };
    }
  }

  private async read(
    photo: string,
    path: string,
    maxBytes: number,
    { folder, isFetching }: PhotoOrigins,
  ): Promise<void> {
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(photo)) {
      if (!isFetching) throw new OriginNotGiven('It is a URL: add --fetch-photos.');
      await this.downloads.download(photo, path, maxBytes);
    } else {
      if (!folder) throw new OriginNotGiven('It is the name of a file: name its folder by --photos.');
      await folder.copy(photo, path, maxBytes);
    }
  }
}

/** Why a photo was not added. @throws an error whose reason lies elsewhere. */
function refusalIn(error: unknown): { code: string; message: string } {
  if (error instanceof AppError) return { code: error.kind.code, message: error.message };
  if (error instanceof DownloadFailed || error instanceof PhotoFileRefused || error instanceof OriginNotGiven)
    return { code: error.reason, message: error.message };
  throw error;
}

const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN - 1).toWellFormed()}…` : text);

/** Does something with each item, so many at once. After a failure none is begun, and those that were are waited for. */
async function eachOf<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  // who fails closes the generator, which the others take their items from
  const rest = (function* () {
    yield* items;
  })();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
