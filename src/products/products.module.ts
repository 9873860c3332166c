import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { ProductBulk } from './bulk.service.js';
import { Product } from './entities/product.entity.js';
import { StockMovement } from './entities/stock-movement.entity.js';
import { ProductsController } from './products.controller.js';
import { ProductSearch } from './products.search.js';
import { ProductsService } from './products.service.js';
import { StockController } from './stock.controller.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, StockMovement]), CategoriesModule],
  controllers: [ProductsController, StockController],
  providers: [ProductsService, ProductBulk, ProductSearch, StockService],
  exports: [ProductsService, ProductBulk, StockService],
})
export class ProductsModule {}
