import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import type { StreamedForm } from '../common/http/input/form.js';
import type { Caller } from '../common/security/caller.js';
import { isBlank } from '../common/text/text.js';
import { TooManyPhotos } from '../photos/photos.errors.js';
import { type PhotoSource, PhotosService, type ReceivedPhoto } from '../photos/photos.service.js';
import {
  MAX_PHOTOS,
  type ProductPhotoDto,
  type ProductPhotoRow,
  type ProductPhotosDto,
  toProductPhotoDto,
  type UpdateProductPhotoDto,
} from './dto/product-photo.dto.js';
import { ProductsPhotosRepository } from './products.photos.repository.js';
import { ProductsService } from './products.service.js';

/** The photos of products. Each change of them is a new version of the product. */
@Injectable()
export class ProductsPhotosService {
  constructor(
    private readonly rows: ProductsPhotosRepository,
    private readonly products: ProductsService,
    private readonly photos: PhotosService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AppError 404. */
  async list(productId: string, caller?: Caller): Promise<ProductPhotosDto> {
    const { photos: data } = await this.products.read(productId, caller);
    return { data };
  }

  /** @throws AppError 404. */
  async read(productId: string, photoId: string, caller?: Caller): Promise<ProductPhotoDto> {
    const photo = (await this.products.read(productId, caller)).photos.find(({ id }) => id === photoId);
    if (!photo) throw noPhoto(photoId);
    return photo;
  }

  /**
   * Adds a photo behind the others. One that the product has already stays the one that it is, so that a form may be sent again.
   * @throws AppError 404; 409 when the product has as many as it may; what {@link PhotosService.receive} throws.
   */
  async add(productId: string, form: StreamedForm, caller: Caller): Promise<ProductPhotoDto> {
    // before anything is read
    const { photos } = await this.products.read(productId, caller);
    if (photos.length >= MAX_PHOTOS) throw tooMany();
    return this.photos.receive(form, caller.userId, (received) =>
      this.transactions.run(() => this.attach(productId, received)),
    );
  }

  /**
   * Adds a photo that a command brings behind the others, but not one that the product has already.
   * @returns whether it was added.
   * @throws AppError 404; 409 when the product has as many as it may; what {@link PhotosService.receive} throws.
   */
  async addFrom(source: PhotoSource, productId: string): Promise<boolean> {
    return this.photos.receive(source, null, async (received) => {
      const { id } = await this.attach(productId, received);
      return id === received.photo.id;
    });
  }

  /** Changes the text of a photo, or its place: behind the last one, it is the last one. @throws AppError 404. */
  async update(productId: string, photoId: string, { alt, position }: UpdateProductPhotoDto): Promise<ProductPhotoDto> {
    return this.change(productId, async (before) => {
      requirePhoto(before, photoId);
      await this.rows.update(photoId, { alt });
      if (position !== undefined) await this.rows.order(without(before, photoId).toSpliced(position - 1, 0, photoId));
      return requirePhoto(await this.rows.findOf(productId), photoId);
    });
  }

  /** Removes a photo with all its files. @throws AppError 404. */
  async remove(productId: string, photoId: string): Promise<void> {
    await this.change(productId, async (before) => {
      const photo = requirePhoto(before, photoId);
      await this.rows.delete([photoId]);
      await this.rows.order(without(before, photoId));
      await this.photos.remove([photoId], { type: 'product', id: productId });
      return photo;
    });
  }

  private async attach(productId: string, { photo, texts }: ReceivedPhoto): Promise<ProductPhotoDto> {
    return this.change(productId, async (before) => {
      const same = await this.photos.findSame(
        photo,
        before.map(({ id }) => id),
      );
      if (same !== undefined) {
        await this.photos.discard(photo);
        return requirePhoto(before, same);
      }
      if (before.length >= MAX_PHOTOS) throw tooMany();
      const alt = texts.alt === undefined || isBlank(texts.alt) ? null : texts.alt;
      await this.rows.insert({ photoId: photo.id, productId, position: before.length + 1, alt });
      await this.photos.publish(photo, { type: 'product', id: productId });
      return { ...photo, alt };
    });
  }

  /** Changes the photos of a product in one unit of work; the product has a new version then, if they are not the same. */
  private async change(
    productId: string,
    work: (before: readonly ProductPhotoRow[]) => Promise<ProductPhotoRow>,
  ): Promise<ProductPhotoDto> {
    return this.transactions.run(async () => {
      const product = await this.products.lock(productId);
      const before = await this.rows.findOf(productId);
      const photo = await work(before);
      if (!isDeepStrictEqual(before, await this.rows.findOf(productId))) await this.products.countChange(product);
      return toProductPhotoDto(photo);
    });
  }
}

const without = (photos: readonly ProductPhotoRow[], photoId: string): string[] =>
  photos.map(({ id }) => id).filter((id) => id !== photoId);

/** @throws AppError 404. */
function requirePhoto(photos: readonly ProductPhotoRow[], photoId: string): ProductPhotoRow {
  const photo = photos.find(({ id }) => id === photoId);
  if (photo) return photo;
  throw noPhoto(photoId);
}

const noPhoto = (photoId: string): AppError => new AppError(NotFound, `The product has no photo ${photoId}.`);

const tooMany = (): AppError => new AppError(TooManyPhotos, `The product has ${String(MAX_PHOTOS)} photos.`);
