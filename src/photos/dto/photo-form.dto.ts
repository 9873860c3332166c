import { applyDecorators } from '@nestjs/common';
import { type FormText, TakesForm } from '../../common/http/input/form.js';
import { Limited } from '../../common/http/limits/limits.js';
import { MAX_PHOTO, PhotoUploads } from '../photos.limits.js';

/** Takes a form with a photo, and with texts that may be left out. */
export const TakesPhoto = (texts: Readonly<Record<string, FormText>> = {}): MethodDecorator =>
  applyDecorators(Limited(PhotoUploads), TakesForm({ file: 'The picture.', maxLength: MAX_PHOTO, texts }));
