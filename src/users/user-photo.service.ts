import { Injectable } from '@nestjs/common';
import type { StreamedForm } from '../common/http/input/form.js';
import type { PhotoDto } from '../photos/dto/photo.dto.js';
import { toPhotoDto } from '../photos/dto/photo.dto.js';
import { PhotosService } from '../photos/photos.service.js';
import { UsersService } from './users.service.js';

/** The photos of users: each has one at most. */
@Injectable()
export class UserPhotoService {
  constructor(
    private readonly users: UsersService,
    private readonly photos: PhotosService,
  ) {}

  /** Receives a photo, which takes the place of the former one. @throws AppError as {@link PhotosService.receive}. */
  async replace(userId: string, form: StreamedForm): Promise<PhotoDto> {
    return this.photos.receive(form, userId, async ({ photo }) => {
      await this.users.setPhoto(userId, photo);
      return toPhotoDto(photo);
    });
  }

  /** Removes the photo of a user, if there is one, with all its files. */
  async remove(userId: string): Promise<void> {
    await this.users.setPhoto(userId, null);
  }
}
