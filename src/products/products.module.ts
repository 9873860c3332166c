import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { Product } from './entities/product.entity.js';
import { StockMovement } from './entities/stock-movement.entity.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductsBulkService } from './products.bulk.service.js';
import { ProductsController } from './products.controller.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsSearchRepository } from './products.search.repository.js';
import { ProductsSearchService } from './products.search.service.js';
import { ProductsService } from './products.service.js';
import { StockController } from './stock.controller.js';
import { StockRepository } from './stock.repository.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, StockMovement]), CategoriesModule],
  controllers: [ProductsController, StockController],
  providers: [
    ProductsService,
    ProductsRepository,
    ProductsBulkService,
    ProductsBulkRepository,
    ProductsSearchService,
    ProductsSearchRepository,
    StockService,
    StockRepository,
  ],
  exports: [ProductsService, ProductsBulkService, StockService],
})
export class ProductsModule {}
