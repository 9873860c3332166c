import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Form, StreamedForm } from '../common/http/input/form.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit, Public } from '../common/security/access.js';
import { type Caller, CurrentCaller, OptionalCaller } from '../common/security/caller.js';
import { TakesPhoto } from '../photos/dto/photo-form.dto.js';
import { PhotoQuotaExceeded, PICTURE_PROBLEMS, TooManyPhotos } from '../photos/photos.errors.js';
import { MAX_ALT, ProductPhotoDto, ProductPhotosDto, UpdateProductPhotoDto } from './dto/product-photo.dto.js';
import { WriteProducts } from './products.permissions.js';
import { ProductsPhotosService } from './products.photos.service.js';

const ALT = {
  description: 'What it shows, for those who do not see it.',
  maxLength: MAX_ALT,
  example: 'A red lantern on a window sill',
};

@About('The photos of products.')
@Controller('products/:id/photos')
export class ProductPhotosController {
  constructor(private readonly photos: ProductsPhotosService) {}

  /** Lists the photos of a product in their order. */
  @Get()
  @Public()
  list(@Param('id', IdPipe) id: string, @OptionalCaller() caller?: Caller): Promise<ProductPhotosDto> {
    return this.photos.list(id, caller);
  }

  /** Returns a photo of a product: its text, its size and where its files are. */
  @Get(':photoId')
  @Public()
  read(
    @Param('id', IdPipe) id: string,
    @Param('photoId', IdPipe) photoId: string,
    @OptionalCaller() caller?: Caller,
  ): Promise<ProductPhotoDto> {
    return this.photos.read(id, photoId, caller);
  }

  /**
   * Adds a photo to a product, behind the others.
   *
   * The content decides what it is, not the name: a JPEG, PNG, WebP or AVIF. What is stored is a new picture without anything that the
   * camera noted, such as the place. A photo that the product has already stays the one that it is.
   */
  @Post()
  @Permit(WriteProducts)
  @TakesPhoto({ alt: ALT })
  @Problems(...PICTURE_PROBLEMS, PhotoQuotaExceeded, TooManyPhotos)
  add(
    @Param('id', IdPipe) id: string,
    @Form() form: StreamedForm,
    @CurrentCaller() caller: Caller,
  ): Promise<ProductPhotoDto> {
    return this.photos.add(id, form, caller);
  }

  /** Changes the text of a photo, or its place among the others. */
  @Patch(':photoId')
  @Permit(WriteProducts)
  update(
    @Param('id', IdPipe) id: string,
    @Param('photoId', IdPipe) photoId: string,
    @Body() change: UpdateProductPhotoDto,
  ): Promise<ProductPhotoDto> {
    return this.photos.update(id, photoId, change);
  }

  /** Removes a photo from a product, with all its files. */
  @Delete(':photoId')
  @HttpCode(204)
  @Permit(WriteProducts)
  remove(@Param('id', IdPipe) id: string, @Param('photoId', IdPipe) photoId: string): Promise<void> {
    return this.photos.remove(id, photoId);
  }
}
