import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { IfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Permit, Public } from '../common/security/access.js';
import { CategoryCircle, CategoryInUse, CategoryNameTaken } from './categories.errors.js';
import { WriteCategories } from './categories.permissions.js';
import { CategoriesService } from './categories.service.js';
import { CategoryDto, CategoryPage, CategoryQuery, CreateCategoryDto, UpdateCategoryDto } from './dto/category.dto.js';

@About('The tree that products are found in.')
@Controller('categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  /** Lists the categories, each parent before its children. */
  @Get()
  @Public()
  @Cacheable(30)
  list(@Query() query: CategoryQuery): Promise<CategoryPage> {
    return this.categories.list(query);
  }

  /** Returns a category. */
  @Get(':id')
  @Public()
  @Versioned(CategoriesService)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string): Promise<CategoryDto> {
    return this.categories.read(id);
  }

  /** Creates a category, at the top level or below another one. */
  @Post()
  @Permit(WriteCategories)
  @Idempotent()
  @Problems(CategoryNameTaken)
  // eslint-disable-next-line stockroom/routes-declare-problems -- a new category has nothing below it yet
  create(@Body() category: CreateCategoryDto): Promise<CategoryDto> {
    return this.categories.create(category);
  }

  /** Updates a category: renames it, or moves it below another one. */
  @Patch(':id')
  @Permit(WriteCategories)
  @Problems(CategoryNameTaken, CategoryCircle)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateCategoryDto,
  ): Promise<CategoryDto> {
    return this.categories.update(id, change, expected);
  }

  /** Deletes an empty category. */
  @Delete(':id')
  @HttpCode(204)
  @Permit(WriteCategories)
  @Problems(CategoryInUse)
  remove(@Param('id', IdPipe) id: string, @IfMatch() expected: ExpectedVersions): Promise<void> {
    return this.categories.remove(id, expected);
  }
}
