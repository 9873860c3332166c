import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { IfMatch, OptionalIfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Permit, Public } from '../common/security/access.js';
import { type Caller, CurrentCaller, OptionalCaller } from '../common/security/caller.js';
import { WriteProducts } from '../products/products.permissions.js';
import { CreateProductFamilyDto, PutMemberDto, UpdateProductFamilyDto } from './dto/product-family-input.dto.js';
import { ProductFamilyQuery } from './dto/product-family-query.dto.js';
import { ProductFamilyDto, ProductFamilyPage } from './dto/product-family.dto.js';
import { FamilyCodeTaken, FamilyFull, InAnotherFamily, VariantTaken } from './product-families.errors.js';
import { ProductFamiliesService } from './product-families.service.js';

@About('Products that are variants of one thing: in other sizes, or in other colours.')
@Controller('product-families')
export class ProductFamiliesController {
  constructor(private readonly families: ProductFamiliesService) {}

  /** Lists the product families, without their members. To list the members as products, use `GET /products?familyId=…`. */
  @Get()
  @Public()
  @Cacheable(30)
  list(@Query() query: ProductFamilyQuery, @OptionalCaller() caller?: Caller): Promise<ProductFamilyPage> {
    return this.families.list(query, caller);
  }

  /** Returns a product family with its members. */
  @Get(':id')
  @Public()
  @Versioned(ProductFamiliesService)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string, @OptionalCaller() caller?: Caller): Promise<ProductFamilyDto> {
    return this.families.read(id, caller);
  }

  /** Creates a product family of products that there are. */
  @Post()
  @Permit(WriteProducts)
  @Idempotent()
  @Problems(FamilyCodeTaken, InAnotherFamily, VariantTaken, FamilyFull)
  create(@Body() family: CreateProductFamilyDto, @CurrentCaller() caller: Caller): Promise<ProductFamilyDto> {
    return this.families.create(family, caller);
  }

  /** Updates a product family by a JSON Merge Patch. `members` takes the place of all members; without it they stay. */
  @Patch(':id')
  @Permit(WriteProducts)
  @Problems(FamilyCodeTaken, InAnotherFamily, VariantTaken, FamilyFull)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateProductFamilyDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ProductFamilyDto> {
    return this.families.update(id, change, expected, caller);
  }

  /** Deletes a product family. Its members stay products, without a family. */
  @Delete(':id')
  @HttpCode(204)
  @Permit(WriteProducts)
  remove(@Param('id', IdPipe) id: string, @IfMatch() expected: ExpectedVersions): Promise<void> {
    return this.families.remove(id, expected);
  }

  /** Adds a product to a product family, or changes the values of a member. The other members stay. */
  @Put(':id/members/:productId')
  @Permit(WriteProducts)
  @Problems(FamilyCodeTaken, InAnotherFamily, VariantTaken, FamilyFull)
  putMember(
    @Param('id', IdPipe) id: string,
    @Param('productId', IdPipe) productId: string,
    @OptionalIfMatch() expected: ExpectedVersions,
    @Body() member: PutMemberDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ProductFamilyDto> {
    return this.families.putMember(id, productId, member, expected, caller);
  }

  /** Removes a member from a product family. It stays a product. */
  @Delete(':id/members/:productId')
  @HttpCode(204)
  @Permit(WriteProducts)
  removeMember(
    @Param('id', IdPipe) id: string,
    @Param('productId', IdPipe) productId: string,
    @OptionalIfMatch() expected: ExpectedVersions,
  ): Promise<void> {
    return this.families.removeMember(id, productId, expected);
  }
}
