import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { ExpectedVersions } from '../common/database/versions.js';
import { Forbidden, SearchTooSlow } from '../common/errors/errors.js';
import { IfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { Limited } from '../common/http/limits/limits.js';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Permit, Public } from '../common/security/access.js';
import { type Caller, CurrentCaller, OptionalCaller } from '../common/security/caller.js';
import { CreateProductDto, UpdateProductDto } from './dto/product-input.dto.js';
import { ProductQuery } from './dto/product-query.dto.js';
import { ProductDto, ProductPage } from './dto/product.dto.js';
import { ProductReserved, SkuTaken } from './products.errors.js';
import { Facets, Searches } from './products.limits.js';
import { WriteProducts } from './products.permissions.js';
import { ProductsSearchService } from './products.search.service.js';
import { ProductsService } from './products.service.js';

@About('What the shop sells.')
@Controller('products')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly search: ProductsSearchService,
  ) {}

  /** Lists products, searched by words, filtered by category, price and stock, sorted, with optional counts. */
  @Get()
  @Public()
  @Problems(Forbidden, SearchTooSlow)
  @Limited(Facets, Searches)
  @Cacheable(30)
  list(@Query() query: ProductQuery, @OptionalCaller() caller?: Caller): Promise<ProductPage> {
    return this.search.list(query, caller);
  }

  /** Returns a product. */
  @Get(':id')
  @Public()
  @Versioned(ProductsService)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string, @OptionalCaller() caller?: Caller): Promise<ProductDto> {
    return this.products.read(id, caller);
  }

  /** Returns the product with a slug, which stays the same when the product is renamed. */
  @Get('by-slug/:slug')
  @Public()
  @ApiParam({
    name: 'slug',
    description: 'The slug of the product.',
    schema: { type: 'string', maxLength: 200 },
    example: 'red-metal-lantern-6c2b8a10',
  })
  @Cacheable(30)
  readBySlug(@Param('slug') slug: string, @OptionalCaller() caller?: Caller): Promise<ProductDto> {
    return this.products.readBySlug(slug, caller);
  }

  /** Creates a product. Its stock is 0 until it is adjusted. */
  @Post()
  @Permit(WriteProducts)
  @Idempotent()
  @Problems(SkuTaken)
  create(@Body() product: CreateProductDto, @CurrentCaller() caller: Caller): Promise<ProductDto> {
    return this.products.create(product, caller);
  }

  /** Updates a product by a JSON Merge Patch: members that are left out stay, null removes. */
  @Patch(':id')
  @Permit(WriteProducts)
  @Problems(SkuTaken)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateProductDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ProductDto> {
    return this.products.update(id, change, expected, caller);
  }

  /** Deletes a product permanently. To hide it instead, set its status to `archived`. */
  @Delete(':id')
  @HttpCode(204)
  @Permit(WriteProducts)
  @Problems(ProductReserved)
  remove(@Param('id', IdPipe) id: string, @IfMatch() expected: ExpectedVersions): Promise<void> {
    return this.products.remove(id, expected);
  }
}
