import { Injectable } from '@nestjs/common';
import { NIL } from 'uuid';
import { explainSearch } from '../common/http/paging/searches.js';
import type { Caller } from '../common/security/caller.js';
import type { ProductFilters } from './dto/product-query.dto.js';
import {
  type ExportedAttribute,
  type ExportedProduct,
  ProductsExportRepository,
} from './products.export.repository.js';
import type { Search } from './products.matches.repository.js';
import { ProductsSearchService } from './products.search.service.js';

export type { ExportedAttribute, ExportedProduct } from './products.export.repository.js';

/** How many products one statement reads. */
const BATCH = 500;

/** Products that are about to be exported. */
export interface Exported {
  /** The attributes that some of them have, by their names. */
  attributes(): Promise<ExportedAttribute[]>;
  /** Whether there are more than so many. */
  exceeds(most: number): Promise<boolean>;
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
      attributes: () => explainSearch(() => this.products.findAttributes(sought)),
      exceeds: (most) => explainSearch(() => this.products.exceeds(sought, most)),
      batches: () => this.walk(sought),
    };
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
