import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { AppError } from '../common/errors/app-error.js';
import { Forbidden, InvalidParameter, SearchTooSlow } from '../common/errors/errors.js';
import { type AskedList, mapPage, Pages } from '../common/http/paging/pages.js';
import { explainSearch } from '../common/http/paging/searches.js';
import type { Caller } from '../common/security/caller.js';
import { isByPrice, type ProductFilters, type ProductQuery } from './dto/product-query.dto.js';
import { type ProductPage, type ProductRow, toProductDto } from './dto/product.dto.js';
import { toVariantsDto, type VariantsRow } from './dto/product-variants.dto.js';
import { seesHiddenProducts } from './products.permissions.js';
import { ProductsFacetsRepository } from './products.facets.repository.js';
import { type Search, type SimilarProduct } from './products.matches.repository.js';
import { ProductsSearchRepository } from './products.search.repository.js';

/** How a list is read whose words no product has: by similar words, on all of its pages. */
const SIMILAR = 'similar';
/** How many rows a search may go through on the embedded engine, which cannot cancel a statement. */
const MAX_EMBEDDED = 20_000;

/** Finds products: full text, forgiving of typing errors, with filters, sorts and counts. */
@Injectable()
export class ProductsSearchService {
  constructor(
    private readonly products: ProductsSearchRepository,
    private readonly facets: ProductsFacetsRepository,
    private readonly pages: Pages,
    private readonly config: Config,
  ) {}

  /**
   * One page of what the query means to this caller.
   * @throws AppError for what only staff may ask, and for a search that takes too long.
   */
  async list(asked: ProductQuery, caller?: Caller): Promise<ProductPage> {
    const list = this.pages.open(asked);
    validateQuery(list.query, caller);
    return explainSearch(() => this.search(list, caller));
  }

  /** What filters mean to this caller: as the list has it, also where only similar words are found. @throws AppError as {@link list}. */
  async seek(query: ProductFilters, caller?: Caller): Promise<Search> {
    validateQuery(query, caller);
    return explainSearch(async () => {
      const sought = await this.searchFor(query, caller);
      return (await this.hasNoMatch(sought)) ? { ...sought, similar: await this.similarTo(sought) } : sought;
    });
  }

  private async search(list: AskedList<ProductQuery>, caller?: Caller): Promise<ProductPage> {
    const sought = await this.searchFor(list.query, caller);
    if (list.mode === SIMILAR) return this.findSimilar(list, sought, caller);
    const found = await this.find(list, sought, caller);
    // similar words are found where no product has all the words as they are; later pages are read as the first one was
    if (found.data.length > 0 || list.after !== undefined || !(await this.hasNoMatch(sought))) return found;
    return this.findSimilar({ ...list, mode: SIMILAR }, sought, caller);
  }

  private async findSimilar(list: AskedList<ProductQuery>, sought: Search, caller?: Caller): Promise<ProductPage> {
    return this.find(list, { ...sought, similar: await this.similarTo(sought) }, caller);
  }

  private async find(list: AskedList<ProductQuery>, sought: Search, caller?: Caller): Promise<ProductPage> {
    const withFacets = list.query.include?.includes('facets') ?? false;
    const collapsed = list.query.collapse !== undefined;
    const bounded = this.products.isBounded(sought) || (!collapsed && this.products.isIndexed(sought));
    if (!bounded) await this.requireBounded(sought);
    const rows = await this.products.readPage(list, sought);
    const variants = collapsed ? await this.variantsOf(rows.data, sought) : undefined;
    const { data, page } = mapPage(rows, (row) =>
      Object.assign(
        toProductDto(row, caller),
        variants && { variants: toVariantsDto(row, variants.get(row.familyId ?? '')) },
      ),
    );
    if (!withFacets) return { data, page };
    const currency = list.query.currency ?? this.config.currency;
    return { data, page, facets: await this.facets.count(sought, currency) };
  }

  /** The variants that are searched for, by the families of some of them. */
  private async variantsOf(rows: readonly ProductRow[], sought: Search): Promise<Map<string, VariantsRow>> {
    const familyIds = rows.flatMap(({ familyId }) => familyId ?? []);
    const found = familyIds.length > 0 ? await this.products.findVariants(familyIds, sought) : [];
    return new Map(found.map((variants) => [variants.familyId, variants]));
  }

  private async searchFor(query: ProductFilters, reader?: Caller): Promise<Search> {
    const tiers = query.q === undefined ? undefined : await this.products.findTiers(query.q);
    return { query, reader, currency: this.currencyOf(query), tiers };
  }

  /** The one currency that the products have which a query means; undefined when it means those of all currencies. */
  private currencyOf(query: ProductFilters): string | undefined {
    const comparesPrices = query.minPrice !== undefined || query.maxPrice !== undefined || isByPrice(query);
    return query.currency ?? (comparesPrices ? this.config.currency : undefined);
  }

  /** Whether words are asked for, and no product that the reader may see has them all. */
  private async hasNoMatch({ tiers, reader }: Search): Promise<boolean> {
    return tiers !== undefined && !(await this.products.hasMatch(tiers, reader));
  }

  /** The products, of those that the reader may see, with the most words like these: computed once for all that is shown of them. */
  private async similarTo({ query: { q }, reader }: Search): Promise<SimilarProduct[]> {
    if (q === undefined) return [];
    return this.products.findSimilar(q, reader);
  }

  /** @throws AppError when the database cannot cancel what takes too long and there are too many rows to go through. */
  private async requireBounded(sought: Search): Promise<void> {
    if (await this.products.exceeds(MAX_EMBEDDED, sought)) {
      throw new AppError(SearchTooSlow, 'The search finds too many products.');
    }
  }
}

function validateQuery(query: ProductFilters, caller: Caller | undefined): void {
  if (query.status !== undefined && query.status !== 'active' && !seesHiddenProducts(caller)) {
    throw new AppError(Forbidden, `Only staff see products that are ${query.status}.`);
  }
  if (query.sort === 'relevance' && query.q === undefined) {
    throw new AppError(InvalidParameter, 'Without q there is nothing to be relevant to.', {
      errors: [{ parameter: 'sort', code: 'relevance', detail: 'relevance goes with q' }],
    });
  }
}
