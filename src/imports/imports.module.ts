import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DownloadGateway, DownloadRules } from '../common/net/download.gateway.js';
import { ProductFamiliesModule } from '../product-families/product-families.module.js';
import { ProductsModule } from '../products/products.module.js';
import { ImportFault } from './entities/import-fault.entity.js';
import { Import } from './entities/import.entity.js';
import { ExportsController } from './exports.controller.js';
import { ExportsService } from './exports.service.js';
import { ProductImporter } from './importer.service.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportsChunksRepository } from './imports.chunks.repository.js';
import { ImportsController } from './imports.controller.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportsFaultyLinesRepository } from './imports.faulty-lines.repository.js';
import { ImportLifecycle } from './imports.lifecycle.js';
import { ImportFamilies } from './imports.families.js';
import { ImportLimits } from './imports.limits.js';
import { ImportPhotos } from './imports.photos.js';
import { ImportPreview } from './imports.preview.js';
import { ImportsRepository } from './imports.repository.js';
import { ImportRunner } from './imports.runner.js';
import { ImportsService } from './imports.service.js';
import { ImportWorker } from './imports.worker.js';

@Module({
  imports: [TypeOrmModule.forFeature([Import, ImportFault]), ProductsModule, ProductFamiliesModule],
  controllers: [ImportsController, ExportsController],
  providers: [
    ImportsChunksRepository,
    ImportsFaultsRepository,
    ImportsFaultyLinesRepository,
    ImportsRepository,
    ImportLifecycle,
    ImportLimits,
    ImportRunner,
    ImportChunkStore,
    ImportFamilies,
    ImportPhotos,
    ImportPreview,
    ImportWorker,
    ImportsService,
    ExportsService,
    ProductImporter,
    DownloadGateway,
    DownloadRules,
  ],
  exports: [ProductImporter],
})
export class ImportsModule {}
