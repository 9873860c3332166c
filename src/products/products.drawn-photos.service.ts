import { Injectable } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { type DrawnPicture, DrawnPhotosService } from '../photos/drawn-photos.service.js';
import { PhotosService } from '../photos/photos.service.js';
import { ProductsBulkRepository } from './products.bulk.repository.js';
import { ProductUpdated } from './products.events.js';
import { ProductsPhotosRepository } from './products.photos.repository.js';

/** A picture that was drawn of a product. */
export interface DrawnProductPhoto {
  readonly productId: string;
  readonly picture: DrawnPicture;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
}

/** Photos of products that the application draws itself, many at once: with a number of statements that doesn't depend on how many. */
@Injectable()
export class ProductsDrawnPhotosService {
  constructor(
    private readonly rows: ProductsPhotosRepository,
    private readonly products: ProductsBulkRepository,
    private readonly drawn: DrawnPhotosService,
    private readonly photos: PhotosService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
  ) {}

  /** Those of some products that are there and have no photo. */
  async findWithoutPhotos(productIds: readonly string[]): Promise<string[]> {
    return this.rows.findWithoutPhotos(productIds);
  }

  /**
   * Gives products the pictures that were drawn of them; each one has a new version then. One that has got a photo meanwhile, or is deleted, gets
   * none. Calls the file storage: not in a unit of work.
   */
  async add(drawn: readonly DrawnProductPhoto[]): Promise<void> {
    if (drawn.length === 0) return;
    const ids = await this.drawn.store(drawn.map(({ picture }) => picture));
    const photos = drawn.map(({ productId, alt }, at) => ({ photoId: ids[at] ?? '', productId, position: 1, alt }));
    const unused = await this.transactions.run(async () => {
      const productIds = photos.map(({ productId }) => productId);
      await this.products.lockContent(productIds);
      const wanted = new Set(await this.rows.findWithoutPhotos(productIds));
      const used = photos.filter(({ productId }) => wanted.has(productId));
      await this.rows.insert(...used);
      await this.drawn.publish(
        used.map(({ photoId, productId }) => ({ id: photoId, of: { type: 'product', id: productId } })),
      );
      const changed = await this.products.countChanges([...wanted]);
      this.events.publishAll(
        ProductUpdated,
        changed.map((product) => ({ id: product.id, version: product.version, data: product })),
      );
      return photos.filter((photo) => !used.includes(photo));
    });
    await this.photos.discardAll(unused.map(({ photoId }) => photoId));
  }
}
