import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { explainSearch } from '../common/http/paging/searches.js';
import type { Caller } from '../common/security/caller.js';
import type { ProductFilters } from './dto/product-query.dto.js';
import {
  type ExportedAttribute,
  type ExportedProduct,
  ProductsExportRepository,
  type SurveyedBatch,
} from './products.export.repository.js';
import type { Search } from './products.matches.repository.js';
import { ProductsSearchService } from './products.search.service.js';

export type { ExportedAttribute, ExportedProduct } from './products.export.repository.js';

/** How many products one statement reads. */
const BATCH = 500;

/** How many products one statement looks at to find their attributes. */
const SURVEYED = 2000;

/** How many products there are, and the attributes that some of them have, by their names. */
export interface Survey {
  count: number;
  attributes: ExportedAttribute[];
}

/** Products that are about to be exported. */
export interface Exported {
  /** Looks at all of them, up to `most` and some more. */
  survey(most: number): Promise<Survey>;
  /**
   * The products, from the oldest to the newest, some at a time. Each is as it is when it is read: there is no transaction over all of
   * them, which would keep the database from cleaning up.
   */
  batches(): AsyncGenerator<ExportedProduct[], void>;
}

/** Reads whole catalogues. */
@Injectable()
export class ProductsExportService {
  constructor(
    private readonly products: ProductsExportRepository,
    private readonly searches: ProductsSearchService,
  ) {}

  /** The products that filters mean to this caller. @throws AppError as {@link ProductsSearchService.list}; so do its members. */
  async open(filters: ProductFilters, caller: Caller): Promise<Exported> {
    const sought = await this.searches.seek(filters, caller);
    return {
      survey: (most) => this.survey(sought, most),
      batches: () => this.walk(sought),
    };
  }

  private async survey(sought: Search, most: number): Promise<Survey> {
    const types = new Map<string, ExportedAttribute['type']>();
    let count = 0;
    for (let after: string | null = NIL; after !== null && count <= most;) {
      const batch = await this.surveyNext(sought, after);
      count += batch.count;
      for (const { name, type } of batch.attributes) {
        types.set(name, (types.get(name) ?? type) === type ? type : 'json');
      }
      after = batch.count === SURVEYED ? batch.last : null;
    }
    const attributes = [...types].map(([name, type]) => ({ name, type }));
    return { count, attributes: attributes.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  private async surveyNext(sought: Search, after: string): Promise<SurveyedBatch> {
    return explainSearch(() => this.products.surveyBatch(sought, after, SURVEYED));
  }

  private async *walk(sought: Search): AsyncGenerator<ExportedProduct[], void> {
    for (let after: string | undefined = NIL; after !== undefined;) {
      const batch = await this.next(sought, after);
      if (batch.length > 0) yield batch;
      after = batch.length === BATCH ? batch.at(-1)?.id : undefined;
    }
  }

  private async next(sought: Search, after: string): Promise<ExportedProduct[]> {
    return explainSearch(() => this.products.findBatch(sought, after, BATCH));
  }
}
