import { Controller, Get, Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { IdPipe, OneOfPipe } from '../common/http/input/validation.pipe.js';
import { Limited } from '../common/http/limits/limits.js';
import { Accepted, AnswersFiles, type FileAnswer } from '../common/http/output/file-answer.js';
import { About } from '../common/openapi/about.js';
import { Public } from '../common/security/access.js';
import { PHOTO_TYPES } from './entities/photo-file.entity.js';
import { PHOTO_VARIANTS, type PhotoVariantName } from './entities/photo-variant.entity.js';
import { MAX_PHOTO, PhotoReads } from './photos.limits.js';
import { PhotosService } from './photos.service.js';

@About('Photos of products and people, as files.')
@Controller('photos')
export class PhotosController {
  constructor(private readonly photos: PhotosService) {}

  /**
   * Returns a photo in one size, as AVIF, WebP or JPEG.
   *
   * `Accept` decides which; browsers name what they can show. A photo is never changed, so that caches may keep it for ever; while its
   * sizes are being made, after it was sent, for some seconds.
   */
  @Get(':id/:variant')
  @Public()
  @Limited(PhotoReads)
  @ApiParam({ name: 'variant', enum: PHOTO_VARIANTS, description: 'The size.' })
  @AnswersFiles(PHOTO_TYPES, MAX_PHOTO)
  read(
    @Param('id', IdPipe) id: string,
    @Param('variant', new OneOfPipe(PHOTO_VARIANTS)) variant: PhotoVariantName,
    @Accepted() accept?: string,
  ): Promise<FileAnswer> {
    return this.photos.show(id, variant, accept);
  }
}
