import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { PhotosModule } from '../photos/photos.module.js';
import { ProductPhoto } from './entities/product-photo.entity.js';
import { Product } from './entities/product.entity.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductsBulkService } from './products.bulk.service.js';
import { ProductsCategoryNamesService } from './products.category-names.service.js';
import { ProductsCollapseRepository } from './products.collapse.repository.js';
import { ProductPhotosController } from './product-photos.controller.js';
import { ProductsController } from './products.controller.js';
import { ProductsDrawnPhotosService } from './products.drawn-photos.service.js';
import { ProductsExportRepository } from './products.export.repository.js';
import { ProductsExportService } from './products.export.service.js';
import { ProductsFacetsRepository } from './products.facets.repository.js';
import { ProductsFamiliesRepository } from './products.families.repository.js';
import { ProductsFamiliesService } from './products.families.service.js';
import { ProductsPhotosRepository } from './products.photos.repository.js';
import { ProductsPhotosService } from './products.photos.service.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsSearchRepository } from './products.search.repository.js';
import { ProductsSearchService } from './products.search.service.js';
import { ProductsService } from './products.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, ProductPhoto]), CategoriesModule, InventoryModule, PhotosModule],
  controllers: [ProductsController, ProductPhotosController],
  providers: [
    ProductsService,
    ProductsRepository,
    ProductsBulkService,
    ProductsBulkRepository,
    ProductsCategoryNamesService,
    ProductsCollapseRepository,
    ProductsDrawnPhotosService,
    ProductsExportRepository,
    ProductsExportService,
    ProductsFacetsRepository,
    ProductsFamiliesService,
    ProductsFamiliesRepository,
    ProductsPhotosRepository,
    ProductsPhotosService,
    ProductsSearchService,
    ProductsSearchRepository,
  ],
  exports: [
    ProductsService,
    ProductsBulkService,
    ProductsDrawnPhotosService,
    ProductsExportService,
    ProductsFamiliesService,
    ProductsPhotosService,
  ],
})
export class ProductsModule {}
