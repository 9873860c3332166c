import { Controller, Delete, HttpCode, Put } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Form, StreamedForm } from '../common/http/input/form.js';
import { About } from '../common/openapi/about.js';
import { SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { PhotoDto } from '../photos/dto/photo.dto.js';
import { TakesPhoto } from '../photos/dto/photo-form.dto.js';
import { PhotoQuotaExceeded, PICTURE_PROBLEMS } from '../photos/photos.errors.js';
import { UserPhotoService } from './user-photo.service.js';

@About('The photos of people.')
@Controller('users/me/photo')
@SignedIn()
export class UserPhotoController {
  constructor(private readonly photo: UserPhotoService) {}

  /**
   * Sets the photo of the current user, in the place of the former one.
   *
   * A JPEG, PNG, WebP or AVIF; the content decides. What is stored is a new picture without anything that the camera noted.
   */
  @Put()
  @TakesPhoto()
  @Problems(...PICTURE_PROBLEMS, PhotoQuotaExceeded)
  replace(@Form() form: StreamedForm, @CurrentCaller() caller: Caller): Promise<PhotoDto> {
    return this.photo.replace(caller.userId, form);
  }

  /** Removes the photo of the current user, if there is one, with all its files. */
  @Delete()
  @HttpCode(204)
  remove(@CurrentCaller() caller: Caller): Promise<void> {
    return this.photo.remove(caller.userId);
  }
}
