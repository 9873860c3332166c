import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { RunningJob } from '../../common/jobs/job-execution.js';
import { JobsService } from '../../common/jobs/jobs.service.js';
import { type DrawnProductPhoto, ProductsDrawnPhotosService } from '../../products/products.drawn-photos.service.js';
import { ProductsService } from '../../products/products.service.js';
import { readSubjects } from '../catalogue.js';
import { DrawPictures } from '../demo.jobs.js';
import { drawPicture, type Subject } from './picture.js';
import { rasterise } from './raster.js';

/** How many pictures are stored together: the embedded database holds up everything else meanwhile. */
const BATCH = 24;

/** Draws a picture of each product of the demo shop. What is drawn already is not drawn again. */
@Injectable()
export class DemoPicturesService implements OnModuleInit {
  constructor(
    private readonly products: ProductsService,
    private readonly photos: ProductsDrawnPhotosService,
    private readonly jobs: JobsService,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(DrawPictures, (_, job) => this.drawAll(job));
  }

  private async drawAll({ signal, progress }: Pick<RunningJob, 'signal' | 'progress'>): Promise<void> {
    const subjects = await this.readSubjects();
    for (let done = 0; done < subjects.length; done += BATCH) {
      signal.throwIfAborted();
      await this.draw(subjects.slice(done, done + BATCH));
      progress(Math.min(done + BATCH, subjects.length), subjects.length);
    }
  }

  /** What is to be drawn, in the order of lists: ids tell when a product was made, and the newest one is shown first. */
  private async readSubjects(): Promise<(Subject & { id: string })[]> {
    const subjects = await readSubjects();
    const ids = await this.products.idsOf(subjects.map(({ sku }) => sku));
    return subjects
      .map((subject) => ({ ...subject, id: ids.get(subject.sku) ?? '' }))
      .filter(({ id }) => id !== '')
      .sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  private async draw(subjects: readonly (Subject & { id: string })[]): Promise<void> {
    const wanted = await this.photos.findWithoutPhotos(subjects.map(({ id }) => id));
    const drawn: DrawnProductPhoto[] = [];
    for (const subject of subjects.filter(({ id }) => wanted.includes(id))) {
      const picture = await rasterise(drawPicture(subject));
      drawn.push({ productId: subject.id, alt: `Drawing: ${subject.name}`, picture });
    }
    await this.photos.add(drawn);
  }
}
