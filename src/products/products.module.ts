import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { Product } from './entities/product.entity.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductsBulkService } from './products.bulk.service.js';
import { ProductsCategoryNamesService } from './products.category-names.service.js';
import { ProductsController } from './products.controller.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsSearchRepository } from './products.search.repository.js';
import { ProductsSearchService } from './products.search.service.js';
import { ProductsService } from './products.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product]), CategoriesModule, InventoryModule],
  controllers: [ProductsController],
  providers: [
    ProductsService,
    ProductsRepository,
    ProductsBulkService,
    ProductsBulkRepository,
    ProductsCategoryNamesService,
    ProductsSearchService,
    ProductsSearchRepository,
  ],
  exports: [ProductsService, ProductsBulkService],
})
export class ProductsModule {}
