import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PhotoFile } from './entities/photo-file.entity.js';
import { PhotoVariant } from './entities/photo-variant.entity.js';
import { Photo } from './entities/photo.entity.js';
import { ImagesService } from './images/images.service.js';
import { DrawnPhotosService } from './drawn-photos.service.js';
import { PhotoFilesService } from './photo-files.service.js';
import { PhotoVerificationRepository } from './photo-verification.repository.js';
import { PhotoVerificationService } from './photo-verification.service.js';
import { PhotosController } from './photos.controller.js';
import { PhotosRepository } from './photos.repository.js';
import { PhotosService } from './photos.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Photo, PhotoFile, PhotoVariant])],
  controllers: [PhotosController],
  providers: [
    DrawnPhotosService,
    ImagesService,
    PhotoFilesService,
    PhotosRepository,
    PhotosService,
    PhotoVerificationRepository,
    PhotoVerificationService,
  ],
  exports: [DrawnPhotosService, PhotosService],
})
export class PhotosModule {}
