import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProductsModule } from '../products/products.module.js';
import { ProductFamily } from './entities/product-family.entity.js';
import { ProductFamiliesBulkService } from './product-families.bulk.service.js';
import { ProductFamiliesController } from './product-families.controller.js';
import { ProductFamiliesRepository } from './product-families.repository.js';
import { ProductFamiliesService } from './product-families.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ProductFamily]), ProductsModule],
  controllers: [ProductFamiliesController],
  providers: [ProductFamiliesService, ProductFamiliesBulkService, ProductFamiliesRepository],
  exports: [ProductFamiliesService, ProductFamiliesBulkService],
})
export class ProductFamiliesModule {}
