import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProductsModule } from '../products/products.module.js';
import { ImportFault } from './entities/import-fault.entity.js';
import { Import } from './entities/import.entity.js';
import { ProductImporter } from './importer.service.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportsController } from './imports.controller.js';
import { ImportLimits } from './imports.limits.js';
import { ImportRepository } from './imports.repository.js';
import { ImportRunner } from './imports.runner.js';
import { ImportsService } from './imports.service.js';
import { ImportWorker } from './imports.worker.js';

@Module({
  imports: [TypeOrmModule.forFeature([Import, ImportFault]), ProductsModule],
  controllers: [ImportsController],
  providers: [
    ImportRepository,
    ImportLimits,
    ImportRunner,
    ImportChunkStore,
    ImportWorker,
    ImportsService,
    ProductImporter,
  ],
  exports: [ProductImporter],
})
export class ImportsModule {}
